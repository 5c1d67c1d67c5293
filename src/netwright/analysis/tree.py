"""The recorded modules and their operations as a tree of rows, in the order they ran."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

from netwright.analysis.kernels import inexact
from netwright.analysis.macs import per_example
from netwright.analysis.params import by_module, count
from netwright.trace.graph import Graph, Line, Module, Op, TensorInfo

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """The facts of one module, of one operation, or of a module that is one operation.

    Args:
        path: of the module; an operation beside others has its name added, as in `layer1.0:add`.
        kind: the module's class or the operation's name.
        depth: 0 for the whole network.
        op: name of the operation where the row stands for just one.
        inputs: shapes without the batch, parameters left out.
        outputs: shapes without the batch.
        params: numbers in all parameters in it, each tensor once; `own` are their names.
        macs: forward, per example; `backward_macs` likewise.
        saved: bytes that training keeps since it, of the recorded batch.
        calls: how often it ran.
        called: the line that called it first.
        uncounted: operations in it that may have MACs but no rule.
        inexact: why the bytes kept may be others, where they may.
        output: the first tensor that left it.
        module: the recorded module; its `built` is the line that made it.
        children: rows under it.
    """

    path: str
    kind: str
    depth: int
    op: str = ""
    inputs: tuple[Shape, ...] = ()
    outputs: tuple[Shape, ...] = ()
    params: int = 0
    trainable: int = 0
    own: frozenset[str] = frozenset()
    macs: int = 0
    backward_macs: int = 0
    saved: int = 0
    calls: int = 1
    called: Line | None = None
    uncounted: tuple[str, ...] = ()
    inexact: tuple[str, ...] = ()
    output: TensorInfo | None = None
    module: Module | None = None
    children: tuple["Row", ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(":")[2] if ":" in self.path else self.path.rpartition(".")[2]

    @property
    def aliases(self) -> tuple[str, ...]:
        """Further paths of the same module."""
        return () if self.module is None else self.module.aliases

    @property
    def built(self) -> Line | None:
        """The line that built the module."""
        return None if self.module is None else self.module.built

    @cached_property
    def all(self) -> tuple["Row", ...]:
        """This row and all under it, in order."""
        return (self, *(row for child in self.children for row in child.all))


def tree(graph: Graph) -> Row:
    """The row of the whole network, with the others under it."""
    return _Tree(graph).row("", 0)[1]


class _Tree:
    """Builds rows from the leaves up; a module's facts are the sums of what ran in it."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.names = by_module(graph)
        self.ops: dict[str, list[Op]] = {path: [] for path in graph.modules}
        for op in graph.ops:
            self.ops[op.module].append(op)
        self.children: dict[str, list[str]] = {path: [] for path in graph.modules}
        for path in graph.modules:
            if path:
                self.children[_parent(path, graph)].append(path)

    def row(self, path: str, depth: int) -> tuple[float, Row]:
        """The index of its first op (infinite where it never ran), and the row."""
        module = self.graph.modules[path]
        parts = [self.row(child, depth + 1) for child in self.children[path]]
        parts += [(ops[0].index, self._operation(path, ops, depth + 1)) for ops in _repeated(self.ops[path])]
        parts.sort(key=lambda part: part[0])
        children = tuple(row for _, row in parts)
        params = count(self.graph.parameters[name] for name in self.names[path])
        row = Row(
            path,
            module.class_name,
            depth,
            inputs=self._shapes(module.inputs),
            outputs=self._shapes(module.outputs),
            params=params.total,
            trainable=params.trainable,
            own=self.names[path],
            macs=sum(row.macs for row in children),
            backward_macs=sum(row.backward_macs for row in children),
            saved=sum(row.saved for row in children),
            calls=module.calls,
            called=module.called,
            uncounted=_each(name for row in children for name in row.uncounted),
            inexact=_each(reason for row in children for reason in row.inexact),
            output=next(iter(module.outputs), None),
            module=module,
            children=children,
        )
        return (parts[0][0] if parts else inf), _merged(row)

    def _operation(self, path: str, ops: list[Op], depth: int) -> Row:
        """One operation of a module, with what it cost in all calls."""
        first, graph = ops[0], self.graph
        return Row(
            f"{path}:{first.name}",
            first.name,
            depth,
            first.name,
            self._shapes(info for info in first.inputs if info.parameter is None),
            self._shapes(first.outputs),
            macs=per_example(sum(op.macs for op in ops), graph.batch),
            backward_macs=per_example(sum(op.backward_macs for op in ops), graph.batch),
            saved=sum(op.saved for op in ops),
            calls=len(ops),
            called=first.where,
            uncounted=_each(name for op in ops for name in op.uncounted),
            inexact=_each(filter(None, map(inexact, ops))),
            output=next(iter(first.outputs), None),
        )

    def _shapes(self, infos: Iterable[TensorInfo]) -> tuple[Shape, ...]:
        batch = self.graph.batch
        return tuple(info.shape[1:] if info.shape[:1] == (batch,) else info.shape for info in infos)


def _parent(path: str, graph: Graph) -> str:
    """The path of the nearest module that holds it; `heads[0]` is held by the module with the list."""
    holder = path.partition("[")[0] if path not in graph.modules or "[" in path.rpartition(".")[2] else path
    while holder:
        holder = holder.rpartition(".")[0]
        if holder in graph.modules:
            return holder
    return ""


def _repeated(ops: list[Op]) -> Iterable[list[Op]]:
    """The operations of a module, those at the same place of its further calls together."""
    calls: dict[int, int] = {}
    found: dict[tuple[int, str], list[Op]] = {}
    for op in ops:
        place = calls.get(op.call, 0)
        calls[op.call] = place + 1
        fresh = not op.inputs or op.name.startswith("new_") or op.name.endswith("_like")
        if op.macs or not fresh:
            found.setdefault((place, op.name), []).append(op)
    return found.values()


def _merged(row: Row) -> Row:
    """A module that is one operation has one row."""
    if len(row.children) != 1 or row.children[0].module is not None or row.depth == 0:
        return row
    only = row.children[0]
    return replace(row, op=only.op, children=(), called=row.called or only.called)


def _each(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
