"""The recorded modules and their operations as a tree of rows, in the order they ran."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

from netwright.analysis.macs import per_example
from netwright.analysis.params import by_module, count
from netwright.arithmetic.shape import Shape
from netwright.trace.families import RECURRENT
from netwright.trace.graph import Graph, Line, Module, Op, TensorInfo

_ONEDNN = {"float32", "bfloat16", "float16"}
"""The types of which oneDNN computes an LSTM."""


@dataclass(frozen=True)
class Row:
    """The facts of one module, of one operation, or of a module that is one operation.

    Args:
        path: path of the module; an operation beside others has its name added, as in `layer1.0:add`.
        kind: class of the module or name of the operation.
        depth: level in the tree, 0 for the whole network.
        op: name of the operation where the row is just one.
        inputs: shapes without the batch, parameters left out.
        outputs: shapes without the batch.
        params: how many parameters are in it, each tensor counted once.
        trainable: how many of these training changes.
        own: names of these parameters.
        macs: multiply-accumulates of the forward pass, for one example.
        backward_macs: multiply-accumulates of the backward pass, for one example.
        saved: bytes that it is the first to save for the backward pass, for the recorded batch.
        calls: how often it ran.
        called: the line that called it first.
        uncounted: operations in it that may cost MACs and are not counted.
        inexact: reasons why the bytes saved may differ.
        output: the first tensor it returned.
        module: the recorded module; None for an operation.
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
        """This row and all rows under it, in order."""
        return (self, *(row for child in self.children for row in child.all))


def tree(graph: Graph) -> Row:
    """Return the row of the whole network, with the other rows under it."""
    return _Tree(graph).row("", 0)[1]


class _Tree:
    """Build rows from the leaves up; the facts of a module are the sums of what ran in it."""

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
        """Return the index of a module's first operation (infinite where it never ran), and its row."""
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
        """Return the row of one operation of a module, with what it cost in all calls."""
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
    """Return the path of the nearest module that holds another; `heads[0]` is held by the list's owner."""
    holder = path.partition("[")[0] if path not in graph.modules or "[" in path.rpartition(".")[2] else path
    while holder:
        holder = holder.rpartition(".")[0]
        if holder in graph.modules:
            return holder
    return ""


def _repeated(ops: list[Op]) -> Iterable[list[Op]]:
    """Group the operations of a module: those at the same place of each call together."""
    calls: dict[int, int] = {}
    repeated: dict[tuple[int, str], list[Op]] = {}
    for op in ops:
        place = calls.get(op.call, 0)
        calls[op.call] = place + 1
        fresh = not op.inputs or op.name.startswith("new_") or op.name.endswith("_like")
        if op.macs or not fresh:
            repeated.setdefault((place, op.name), []).append(op)
    return repeated.values()


def _merged(row: Row) -> Row:
    """Return one row for a module that is one operation, and other rows as they are."""
    if len(row.children) != 1 or row.children[0].module is not None or row.depth == 0:
        return row
    only = row.children[0]
    return replace(row, op=only.op, children=(), called=row.called or only.called)


def _each(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def inexact(op: Op) -> str:
    """Return why the bytes that an operation saves may differ from the recorded ones; empty if they do not.

    Kernels of recurrent operations save other tensors than torch's reference implementation:

    - cuDNN has a reserve of its own for every recurrent operation on a GPU;
    - oneDNN has one for an LSTM without projections on a CPU;
    - torch's own CPU kernel copies a batch-first input once for each direction.
    """
    if op.name not in RECURRENT or not op.saved:
        return ""
    x = op.inputs[0]
    if x.device not in {"cpu", "meta"}:
        return f"{op.name}: the GPU's kernel saves a reserve of its own"
    states = [output.shape[-1] for output in op.outputs[1:]]
    projected = len(set(states)) > 1
    if op.name == "lstm" and x.dtype in _ONEDNN and not projected:
        return "lstm: counted as saved by torch's own kernel; oneDNN on a CPU and cuDNN on a GPU save more"
    if op.arguments.get("batch_first") and len(x.shape) == 3 and min(x.shape[:2]) > 1:
        return f"{op.name}: a CPU saves a copy of its batch-first input for each direction"
    return ""
