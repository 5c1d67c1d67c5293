"""A network as the rules see it: the module, its recorded run, and the source it was written in."""

import ast
import linecache
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from torch import nn

from netwright.arithmetic.shape import Shape, show
from netwright.errors import UsageError
from netwright.lint.finding import Place
from netwright.lint.script import Script
from netwright.models.registry import entries
from netwright.spec import load, parse
from netwright.trace.graph import Failure, Graph, Line, Op, TensorInfo
from netwright.trace.inputs import single_shape
from netwright.trace.observe import unchanged_randomness
from netwright.trace.record import record

BATCH = 2


@dataclass(eq=False)
class Network:
    """A module with what it is declared to be given.

    Args:
        net: the module; it is never run itself, only copies of it are.
        given: as `trace.record` takes it: a shape without batch, several, a dict of them, tensors.
        name: the spec, or the module's class.
        home: the user's file it comes from, None for a module given as an object.
    """

    net: nn.Module
    given: Any
    name: str
    home: str | None = None
    _scripts: dict[str, Script | None] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, net: nn.Module | str, input: Any) -> "Network":
        """Build what a spec names, noting the line that makes each layer; what it prints goes to stderr.

        Weights are drawn from the same seed every time, so that what is said of them stays the same.

        Raises:
            UsageError: it cannot be built, there is no input, or it cannot be run at all.
        """
        if isinstance(net, str):
            spec = parse(net)
            linecache.checkcache()
            if input is None and not spec.home and spec.name in entries():
                input = entries()[spec.name].input
            with unchanged_randomness(seed=0), redirect_stdout(sys.stderr):
                module = load(net, input=single_shape(input) or None)
            home = relative(spec.home) if spec.home.endswith(".py") else None
            found = cls(module, _declared(input, net), net, home)
        else:
            found = cls(net, _declared(input, type(net).__name__), type(net).__name__)
        found.refuse()
        return found

    @cached_property
    def graph(self) -> Graph:
        """Its run in evaluation mode, on two examples."""
        return self.recorded()

    def recorded(self, input: Shape | None = None, batch: int = BATCH, *, training: bool = False) -> Graph:
        """Another run of it."""
        with redirect_stdout(sys.stderr):
            return record(self.net, input or self.given, batch=batch, training=training)

    @cached_property
    def input(self) -> Shape:
        """The shape of the one input, without batch; `()` for several, whole numbers and given tensors."""
        return single_shape(self.given)

    def refuse(self) -> None:
        """Raise when there is nothing to check: the user's own code raised, or no tensor came back."""
        failure = self.graph.failure
        shape = " and ".join(show(tensor.shape[1:]) for tensor in self.graph.inputs)
        if failure and not failure.name:
            where = f" ({failure.where})" if failure.where else ""
            reason = f"{failure.error}: {failure.message.rstrip('.')}".removesuffix(": ") + where
            raise UsageError(f"`{self.name}` cannot be run on {shape}: {reason}.")
        if not failure and not self.graph.outputs:
            raise UsageError(f"`{self.name}` returns no tensor for {shape}, so there is nothing to check.")

    @cached_property
    def modules(self) -> dict[str, nn.Module]:
        """Every module object by its first path."""
        return {path: module for path, module in self.net.named_modules() if path in self.graph.modules}

    @cached_property
    def consumers(self) -> dict[int, list[Op]]:
        """The ops that read a tensor, by its key."""
        found: dict[int, list[Op]] = defaultdict(list)
        for op in self.graph.ops:
            for tensor in op.inputs:
                found[tensor.key].append(op)
        return found

    def producer(self, tensor: TensorInfo) -> Op | None:
        """The op that made a tensor."""
        return None if tensor.producer is None else self.graph.ops[tensor.producer]

    @cached_property
    def returned(self) -> set[int]:
        """The keys of the outputs."""
        return {tensor.key for tensor in self.graph.outputs}

    def script(self, file: str) -> Script | None:
        """The source of a file, None where it cannot be read."""
        shown = relative(file)
        if shown not in self._scripts:
            try:
                self._scripts[shown] = Script.read(shown)
            except UsageError:
                self._scripts[shown] = None
        return self._scripts[shown]

    def scripts(self, files: Iterable[str]) -> Iterator[Script]:
        """The source of its own file and of others."""
        for file in dict.fromkeys([*([self.home] if self.home else []), *files]):
            found = self.script(file)
            if found:
                yield found

    def mentions(self, file: str, line: int) -> bool:
        """True when a module was built, or called, at a line."""
        return (relative(file), line) in self._lines

    @cached_property
    def _lines(self) -> set[tuple[str, int]]:
        lines = [line for module in self.graph.modules.values() for line in (module.built, module.called)]
        return {(relative(line.file), line.line) for line in lines if line}

    def built(self, path: str) -> Place:
        """Where a module was built; where it is called, or the file's first line, when that is not known."""
        module = self.graph.modules[path]
        call = self.constructor(path)
        if call is not None:
            return call[0].at(call[1])
        line = module.built or module.called
        return self._at(line, path)

    def place(self, op: Op | Failure, path: str = "") -> Place:
        """Return the place to report: where the layer at `path` was built, else the line that ran `op`."""
        return self.built(path) if path and path in self.graph.modules else self._at(op.where, op.module)

    def _at(self, line: Line | None, path: str) -> Place:
        """Return the expression at a line, or where the module at `path` was built if the line is unknown."""
        if line is not None:
            return self._expression(self.start_of(line))
        module = self.graph.modules[path]
        if module.built or module.called:
            return self._at(module.built or module.called, path)
        return Place(self.home or f"<{self.name}>", 1)

    def start_of(self, line: Line) -> Place:
        """Return where a recorded line starts; Python counts its columns in bytes, places in characters."""
        script, column = self.script(line.file), line.column or 1
        if script is not None and line.line <= len(script.lines):
            column = script.column(line.line, column - 1)
        return Place(relative(line.file), line.line, column)

    def _expression(self, place: Place) -> Place:
        """The widest expression that starts at a place."""
        script = self.script(place.file)
        found = [node for node in _starting(script, place) if isinstance(node, ast.expr)] if script else []
        return max((script.at(node) for node in found if script), key=_end, default=place)

    def constructor(self, path: str) -> tuple[Script, ast.Call] | None:
        """The call that built a module, when its place is known and it is a call of the module's class."""
        module = self.graph.modules[path]
        for script, node in self.expressions(module.built):
            if isinstance(node, ast.Call) and _name(node.func) == module.class_name:
                return script, node
        return None

    def expressions(self, line: Line | None) -> list[tuple[Script, ast.expr]]:
        """The expressions that start at a place, the outermost first, each with its file."""
        script = self.script(line.file) if line else None
        if line is None or script is None:
            return []
        found = _starting(script, self.start_of(line))
        return [(script, node) for node in found if isinstance(node, ast.expr)]

    def title(self, path: str) -> str:
        """How messages call a module: its path, the outermost by its class."""
        return path or type(self.net).__name__

    def siblings(self, path: str) -> list[str]:
        """The modules built at the same place, itself among them."""
        return self._built_at[self.built(path)]

    @cached_property
    def _built_at(self) -> dict[Place, list[str]]:
        found: dict[Place, list[str]] = defaultdict(list)
        for path in self.graph.modules:
            found[self.built(path)].append(path)
        return found


def _declared(input: Any, name: str) -> Any:
    if input is None:
        raise UsageError(f"`{name}` needs `--input`: the shape of one example without batch, as in 3x32x32.")
    return input


def relative(file: str) -> str:
    """A path as shown: relative inside the working folder."""
    return _relative(file, os.getcwd())


@lru_cache(maxsize=1024)
def _relative(file: str, folder: str) -> str:
    path = Path(file).resolve()
    return os.path.relpath(path, folder) if path.is_relative_to(folder) else str(path)


def _end(place: Place) -> tuple[int, int]:
    return place.end_line or place.line, place.end_column or place.column


def _starting(script: Script, place: Place) -> list[ast.AST]:
    """The nodes that start at a place."""
    return [node for node in script.starting(place.line) if script.at(node).column == place.column]


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
