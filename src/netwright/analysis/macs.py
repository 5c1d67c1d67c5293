"""Multiply-accumulates of one example, counted as `netwright.trace.cost` defines them."""

from typing import Any

from torch import nn

from netwright.arithmetic.shape import show
from netwright.errors import ShapeError
from netwright.trace.graph import Graph
from netwright.trace.record import record


def macs(net: nn.Module, input: Any) -> int:
    """Multiply-accumulates of one forward pass of one example.

    Args:
        net: any module; the caller's is not touched.
        input: shape of one example without batch, or what `netwright.summary` takes.

    Raises:
        ShapeError: the network cannot read such an input, so there is no total.
    """
    graph = record(net, input)
    if graph.failure is not None:
        given = " and ".join(show(tensor.shape[1:]) for tensor in graph.inputs)
        raise ShapeError(f"the network cannot read an input of {given}: {graph.failure.message}")
    return forward(graph)


def forward(graph: Graph) -> int:
    """Of the forward pass, per example."""
    return per_example(sum(op.macs for op in graph.ops), graph.batch)


def backward(graph: Graph) -> int:
    """Of the backward pass, per example: one product for each factor that requires a gradient."""
    return per_example(sum(op.backward_macs for op in graph.ops), graph.batch)


def per_example(total: int, batch: int) -> int:
    """A count of a batch as one of an example; what the batch shares is spread over it and rounded up.

    >>> per_example(64, 32), per_example(65, 32)
    (2, 3)
    """
    return -(-total // batch)


def uncounted(graph: Graph) -> tuple[str, ...]:
    """Operations that may cost multiply-accumulates and have no rule, each once, in the order met."""
    return tuple(dict.fromkeys(name for op in graph.ops for name in op.uncounted))
