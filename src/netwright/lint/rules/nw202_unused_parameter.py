"""No output depends on some of the parameters.

What. A layer has trainable parameters, and no output depends on them, neither in training nor in evaluation.

Why. These parameters get no gradient and stay as they were drawn. They take memory in every checkpoint and in
the state of the optimizer, and cause an error in `DistributedDataParallel`, which waits for their gradients
(PyTorch documentation, `find_unused_parameters`). In most cases a layer was meant to be called and is not.
Where nothing inside a module is ever called, the outermost such module is reported once.

Guard. Both modes count, so an auxiliary head that runs only in training is used. A head whose name starts
with `aux` is not reported even if it works only where labels are given. Nothing is reported when an operation
that cannot be recorded (a custom autograd function) stands in the way, when the network returns only part of
what it can return, or for a parameter without elements, which only holds the device.

Instead. Call the layer, or delete it.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Graph


def look(network: "Network") -> Iterator[Remark]:
    """Report every module with parameters on which no output depends in either mode."""
    from netwright.lint.graphs import complete

    graph = network.graph
    named = [
        name
        for name, parameter in graph.parameters.items()
        if parameter.trainable and parameter.elements and "[" not in name
    ]
    unused = set(named) - _used(graph)
    if graph.failure or not unused or not complete(graph):
        return
    training = network.recorded(training=True)
    unused -= _used(training)
    if training.failure or not complete(training):
        return
    for path, names in _by_module(graph, unused).items():
        wasted = sum(graph.parameters[name].elements for name in names)
        yield Remark(
            network.built(path),
            f"{wasted:,} parameters of {network.title(path)} get no gradient: {_reason(graph, path, names)}.",
            module=path,
            evidence={"parameters": wasted, "names": names},
            fix=Fix("call the layer, or delete it"),
        )


def _by_module(graph: "Graph", unused: set[str]) -> dict[str, list[str]]:
    """Return the unused parameters by module, or by the outermost module in which nothing is ever called."""
    dead, reached = _dead(graph), {""}
    for path, module in graph.modules.items():
        used = [name for name in module.parameters if name not in unused]
        if module.calls or used:
            reached |= {path[:end] for end, sign in enumerate(path) if sign == "."} | {path}
    names: dict[str, list[str]] = {}
    for path, module in graph.modules.items():
        mine = [name for name in module.parameters if name in unused]
        if mine and path not in dead and not AUXILIARY.search(path):
            above = [path[:end] for end, sign in enumerate(path) if sign == "."]
            outermost = next((outer for outer in [*above, path] if outer not in reached), path)
            names.setdefault(outermost, []).extend(mine)
    return names


def _reason(graph: "Graph", path: str, mine: list[str]) -> str:
    """Return the reason why no output depends on parameters of a module."""
    from netwright.lint.graphs import inside, living

    if not graph.modules[path].calls:
        return "it is never called"
    alive = living(graph)
    if any(op.index in alive for op in inside(graph, path)):
        return f"no output depends on {', '.join(name.rpartition('.')[2] for name in mine)}"
    return "its result reaches no output"


def _used(graph: "Graph") -> set[str]:
    """Return the parameters that an output depends on."""
    from netwright.lint.graphs import living

    alive = living(graph)
    returned = {tensor.parameter for tensor in graph.outputs if tensor.parameter}
    return returned | {t.parameter for op in graph.ops if op.index in alive for t in op.inputs if t.parameter}


def _dead(graph: "Graph") -> set[str]:
    """Return the modules whose results are all unused, at a cost, which NW205 reports."""
    from netwright.lint.graphs import living

    alive = living(graph)
    costly = {op.module for op in graph.ops if op.macs and op.index not in alive}
    return costly - {op.module for op in graph.ops if op.index in alive}


AUXILIARY = re.compile(r"(^|\.)aux", re.IGNORECASE)
"""The name of a head that gets its gradient from a loss of its own."""

RULE = Rule("warning", "manual", network=look)
