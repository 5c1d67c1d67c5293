"""Multiply-accumulates of one example, counted as `netwright.trace.cost` defines them."""

from typing import Any

from torch import nn

from netwright.arithmetic.shape import show
from netwright.errors import ShapeError
from netwright.trace.graph import Graph
from netwright.trace.record import record


def macs(net: nn.Module, input: Any) -> int:
    """Return the multiply-accumulates of one forward pass of one example.

    Args:
        net: any module; it is not changed.
        input: the shape of one example without the batch, or another input that `netwright.summary` takes.

    Raises:
        ShapeError: If the network cannot read such an input, so that there is no total.
    """
    graph = record(net, input)
    if graph.failure is not None:
        given = " and ".join(show(tensor.shape[1:]) for tensor in graph.inputs)
        raise ShapeError(f"the network cannot read an input of {given}: {graph.failure.message}")
    return forward(graph)


def forward(graph: Graph) -> int:
    """Return the multiply-accumulates of the forward pass of one example."""
    return per_example(sum(op.macs for op in graph.ops), graph.batch)


def backward(graph: Graph) -> int:
    """Return the multiply-accumulates of the backward pass: one product per factor with a gradient."""
    return per_example(sum(op.backward_macs for op in graph.ops), graph.batch)


def per_example(total: int, batch: int) -> int:
    """Return the share of one example in the count of a batch, rounded up.

    >>> per_example(64, 32), per_example(65, 32)
    (2, 3)
    """
    return -(-total // batch)


def uncounted(graph: Graph) -> tuple[str, ...]:
    """Return the operations that may cost multiply-accumulates and are not counted, each once, in order."""
    return tuple(dict.fromkeys(name for op in graph.ops for name in op.uncounted))
