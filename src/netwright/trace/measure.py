"""Measure a module: one run of a copy with numbers, and what was seen of every tensor it made."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from netwright.trace.graph import Graph
from netwright.trace.record import run

Seen = TypeVar("Seen")


def measure(
    net: nn.Module,
    input: Any,
    see: Callable[[Tensor], Seen],
    *,
    batch: int = 1,
    training: bool | None = None,
) -> tuple[Graph, Mapping[int, Seen]]:
    """Run a copy of `net` on the CPU with numbers; its graph, and what `see` says of each tensor by its key.

    Shapes become random normal numbers (zeros where they are whole), the same at every call. An in-place
    operation makes a value of its own, so what it overwrites has been seen before. The module, its buffers
    and all random states stay as they were; a forward pass that raises gives what was seen up to there.

    Args:
        net: any module.
        input: as for `record`.
        see: looks at a tensor just made, without a gradient; matrix products in it would count as the net's.
        batch: examples made from shapes.
        training: run it in training or evaluation mode; by default in the mode it is in.

    >>> graph, means = measure(nn.ReLU(), (1000,), lambda tensor: round(tensor.mean().item(), 1))
    >>> means[graph.outputs[0].key]
    0.4
    """

    def watch(tensor: Tensor) -> Seen:
        with torch.no_grad():
            return see(tensor)

    graph, _, seen = run(net, input, batch, training, "real", watch)
    return graph, MappingProxyType(seen)
