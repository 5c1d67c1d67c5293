"""A network as the rules see it: the module, its recorded run, and its source files."""

import ast
import linecache
import os
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal

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
from netwright.trace.trial import runs

BATCH = 2


@dataclass(eq=False)
class Network:
    """A module and its input.

    Args:
        net: The module. It is never run itself; copies of it are.
        given: The input, as `trace.record` takes it: one or several shapes without batch, or tensors.
        name: The spec, or the class of the module.
        home: The user's file that the spec names; None for a module that is given as an object.
        deep: Whether rules may run the network with numbers whatever that costs.
    """

    side: ClassVar[Literal["network"]] = "network"

    net: nn.Module
    given: Any
    name: str
    home: str | None = None
    deep: bool = False
    _scripts: dict[str, Script | None] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, net: nn.Module | str, input: Any, *, deep: bool = False) -> "Network":
        """Build the network that a spec names, and note the line that builds each layer.

        What it prints goes to standard error. Weights are drawn from the same seed every time, so that the
        findings on them stay the same.

        Raises:
            UsageError: The network cannot be built or run, or there is no input.
        """
        if isinstance(net, str):
            spec = parse(net)
            linecache.checkcache()
            if input is None and not spec.home and spec.name in entries():
                input = entries()[spec.name].input
            with unchanged_randomness(seed=0), redirect_stdout(sys.stderr):
                module = load(net, input=single_shape(input) or None)
            home = relative(spec.home) if spec.home.endswith(".py") else None
            network = cls(module, _declared(input, net), net, home, deep)
        else:
            network = cls(net, _declared(input, type(net).__name__), type(net).__name__, deep=deep)
        network.refuse()
        return network

    @cached_property
    def graph(self) -> Graph:
        """The run of the network in evaluation mode, on two examples."""
        return self.recorded()

    def recorded(self, input: Shape | None = None, batch: int = BATCH, *, training: bool = False) -> Graph:
        """Record another run of the network."""
        with own_words():
            return record(self.net, input or self.given, batch=batch, training=training)

    def runs(self, input: Shape) -> bool:
        """Return whether the network certainly runs on another input; False means that a record will tell."""
        with own_words():
            return runs(self.net, input, batch=BATCH, training=False)

    @cached_property
    def input(self) -> Shape:
        """The shape of a single input, without batch; `()` for other inputs."""
        return single_shape(self.given)

    def refuse(self) -> None:
        """Raise an error when there is nothing to check: the network failed, or returned no tensor."""
        failure = self.graph.failure
        shape = " and ".join(show(tensor.shape[1:]) for tensor in self.graph.inputs)
        if failure and not failure.name:
            line = failure.where or (failure.module and self.graph.modules[failure.module].built)
            where = f" ({line})" if line else ""
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
        """The ops that read a tensor, by the key of the tensor."""
        consumers: dict[int, list[Op]] = defaultdict(list)
        for op in self.graph.ops:
            for tensor in op.inputs:
                consumers[tensor.key].append(op)
        return consumers

    def producer(self, tensor: TensorInfo) -> Op | None:
        """Return the op that made a tensor."""
        return None if tensor.producer is None else self.graph.ops[tensor.producer]

    @cached_property
    def returned(self) -> set[int]:
        """The keys of the tensors that the network returns."""
        return {tensor.key for tensor in self.graph.outputs}

    def script(self, file: str) -> Script | None:
        """Return the source of a file; None if it cannot be read."""
        shown = relative(file)
        if shown not in self._scripts:
            try:
                self._scripts[shown] = Script.read(shown)
            except UsageError:
                self._scripts[shown] = None
        return self._scripts[shown]

    def scripts(self, files: Iterable[str]) -> Iterator[Script]:
        """Yield the source of the network's own file and of other files."""
        for file in dict.fromkeys([*([self.home] if self.home else []), *files]):
            script = self.script(file)
            if script:
                yield script

    def mentions(self, file: str, line: int) -> bool:
        """Return True when a module was built or called at a line."""
        return (relative(file), line) in self._lines

    @cached_property
    def _lines(self) -> set[tuple[str, int]]:
        lines = [line for module in self.graph.modules.values() for line in (module.built, module.called)]
        return {(relative(line.file), line.line) for line in lines if line}

    def built(self, path: str) -> Place:
        """Return where a module was built; if unknown, where it was called, or else the first line."""
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
        """Return the widest expression that starts at a place."""
        script = self.script(place.file)
        nodes = [node for node in _starting(script, place) if isinstance(node, ast.expr)] if script else []
        return max((script.at(node) for node in nodes if script), key=_end, default=place)

    def constructor(self, path: str) -> tuple[Script, ast.Call] | None:
        """Return the call of its class that built a module, with its script; None if it is unknown."""
        module = self.graph.modules.get(path)
        for script, node in self.expressions(module.built) if module else ():
            if module and isinstance(node, ast.Call) and _name(node.func) == module.class_name:
                return script, node
        return None

    def expressions(self, line: Line | None) -> list[tuple[Script, ast.expr]]:
        """Return the expressions that start at a line, the outermost first, each with its script."""
        script = self.script(line.file) if line else None
        if line is None or script is None:
            return []
        nodes = _starting(script, self.start_of(line))
        return [(script, node) for node in nodes if isinstance(node, ast.expr)]

    def title(self, path: str) -> str:
        """Return the name of a module in messages: its path, or the class for the whole network."""
        return path or type(self.net).__name__

    def siblings(self, path: str) -> list[str]:
        """Return the paths of all modules that were built at the same place, `path` included."""
        return self._built_at[self.built(path)]

    @cached_property
    def _built_at(self) -> dict[Place, list[str]]:
        paths: dict[Place, list[str]] = defaultdict(list)
        for path in self.graph.modules:
            paths[self.built(path)].append(path)
        return paths


@contextmanager
def own_words() -> Iterator[None]:
    """Send what a network prints to standard error, and drop the warning of which NW503 makes a finding."""
    with redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Implicit dimension choice")
        yield


def _declared(input: Any, name: str) -> Any:
    if input is None:
        raise UsageError(f"`{name}` needs `--input`: the shape of one example without batch, as in 3x32x32.")
    return input


def relative(file: str) -> str:
    """Return a path as it is shown: relative if it is inside the working folder."""
    return _relative(file, os.getcwd())


@lru_cache(maxsize=1024)
def _relative(file: str, folder: str) -> str:
    path = Path(file).resolve()
    return os.path.relpath(path, folder) if path.is_relative_to(folder) else str(path)


def _end(place: Place) -> tuple[int, int]:
    return place.end_line or place.line, place.end_column or place.column


def _starting(script: Script, place: Place) -> list[ast.AST]:
    """Return the nodes that start at a place."""
    return [node for node in script.starting(place.line) if script.at(node).column == place.column]


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
