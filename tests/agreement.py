"""Compare the reader of an operation with torch: its sets with the gradient, on every axis of the input."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from networks import Apply, claimed
from netwright.receptive.fields import fields
from netwright.trace.record import record


def gradients(function: Callable[[Tensor], Tensor], shape: tuple[int, ...]) -> np.ndarray:
    """Return which input positions have a gradient, for each unit of the output, on random positive data."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(1, *shape, dtype=torch.float64, generator=generator).add(0.1).requires_grad_()
    out = function(x).reshape(-1)
    rows = [torch.autograd.grad(unit, x, retain_graph=True)[0][0].abs() for unit in out]
    return np.stack([(row > 1e-12).numpy() for row in rows])


def disagreement(function: Callable[[Tensor], Tensor], shape: tuple[int, ...], *, exact: bool = True) -> str:
    """Return where our sets differ from the gradient, else nothing; unless `exact`, they may be larger."""
    net = function if isinstance(function, nn.Module) else Apply("function", function)
    graph = record(net, shape, training=False)
    if graph.failure is not None:
        return f"the recording failed: {graph.failure.message}"
    axes = tuple(range(1, len(shape) + 1))
    known, key = fields(graph, (axes,)), graph.outputs[0].key
    truth = gradients(net, shape)
    for axis in axes:
        reach = known.reach(key, 0, axis, support=True)
        if reach.unknown:
            return f"axis {axis}: unknown ({reach.unknown})"
        ours = claimed(reach)
        theirs = truth.any(axis=tuple(a for a in axes if a != axis))
        if (theirs & ~ours).any():
            return f"axis {axis}: the gradient reaches further than {ours.astype(int)}: {theirs.astype(int)}"
        if exact and ((ours & ~theirs).any() or reach.bound):
            return (
                f"axis {axis}: more than the gradient {theirs.astype(int)}: {ours.astype(int)} {reach.bound}"
            )
    return ""
