"""One step makes the whole representation more than eight times smaller.

What. A convolution or pooling turns a map into one with less than an eighth of its numbers (the limit is a
factor of 8.5, because channels are rounded), and no path leads around it: everything that the output knows
about the input passes through that map.

Why. No later layer can restore what one step drops. "One should avoid bottlenecks with extreme compression.
In general the representation size should gently decrease from the inputs to the outputs" (Szegedy et al.
2016, "Rethinking the Inception Architecture", section 2, where any cut between inputs and outputs counts).
Halving three axes, or two axes and the channels, keeps an eighth, which is as much as published networks drop
in one step.

Guard. The finding is an info. Steps to a single position (global pooling, the end of an encoder) and the last
layer with its few classes are meant to shrink the map. So are layers that make as many channels as the
network returns, and a first convolution that makes tokens of patches, because neighbouring pixels are
similar. Inside a branch (squeeze and excitation, the 1x1 of a dense block) other paths carry the rest. A
network that returns at least half as many numbers as it takes is an autoencoder, whose purpose is to shrink
the representation.

Instead. Take two steps, or use more channels where the map gets smaller.

    nn.Sequential(nn.Conv2d(64, 128, 3, stride=2, padding=1), nn.ReLU(), nn.MaxPool2d(2))
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.arithmetic.shape import show
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import ADAPTIVE_POOLS, CONVOLUTIONS, POOLS, WEIGHTED

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Graph, Op

MOST = 8.5


def look(network: "Network") -> Iterator[Remark]:
    """Report every step that all paths take and that keeps less than an eighth of the numbers."""
    from netwright.lint.graphs import holder

    graph = network.graph
    if graph.failure or _reconstructs(graph):
        return
    channels = {tensor.shape[1] for tensor in graph.outputs if len(tensor.shape) > 1}
    for op in graph.ops[: _last(graph)]:
        if not _shrinks(op) or op.outputs[0].shape[1] in channels or not _only_way(graph, op):
            continue
        path = holder(network, op)
        before, after = op.inputs[0], op.outputs[0]
        yield Remark(
            network.place(op, path),
            f"{network.title(path)} turns {show(before.shape[1:])} into {show(after.shape[1:])}, "
            f"{before.elements / after.elements:.3g} times fewer numbers, in one step.",
            module=path,
            evidence={"before": list(before.shape[1:]), "after": list(after.shape[1:])},
            fix=Fix("take two steps, or use more channels where the map gets smaller"),
        )


def _shrinks(op: "Op") -> bool:
    """Return True for a step from a map to another map with less than an eighth of its numbers."""
    if op.name not in CONVOLUTIONS | POOLS | ADAPTIVE_POOLS or len(op.inputs[0].shape) != len(
        op.outputs[0].shape
    ):
        return False
    if op.name in CONVOLUTIONS and op.inputs[0].producer is None:
        return False
    after = op.outputs[0]
    return max(after.shape[2:], default=1) > 1 and MOST * after.elements < op.inputs[0].elements


def _last(graph: "Graph") -> int:
    """Return the index of the last op with weights."""
    return max((op.index for op in graph.ops if op.name in WEIGHTED), default=0)


def _only_way(graph: "Graph", step: "Op") -> bool:
    """Return True when every path from the input to an output leads through one op."""
    reached = {tensor.key for tensor in graph.inputs}
    for op in graph.ops:
        if op is not step and any(tensor.key in reached for tensor in op.inputs):
            reached |= {tensor.key for tensor in op.outputs}
    return not any(tensor.key in reached for tensor in graph.outputs)


def _reconstructs(graph: "Graph") -> bool:
    """Return True when the network returns at least half as many numbers as it takes."""
    given = sum(tensor.elements for tensor in graph.inputs)
    return 2 * max((tensor.elements for tensor in graph.outputs), default=0) >= given


RULE = Rule("info", "manual", network=look)
