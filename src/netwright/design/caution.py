"""What is unfavourable about a patch and a batch."""

from math import prod

from torch import nn

from netwright.arithmetic.shape import show
from netwright.design.fingerprint import Fingerprint
from netwright.receptive.fields import fields
from netwright.trace.record import record

PART = 4
"""A patch should have at least this part of the median example."""
FEW = 2
"""A batch of this size has statistics of little worth."""


def cautions(net: nn.Module, facts: Fingerprint, sizes: tuple[int, ...], batch: int) -> list[str]:
    """Return what is unfavourable, one sentence each."""
    warnings = []
    seen = _seen(net, (facts.channels, *sizes))
    for name, extent in facts.objects.items():
        axes = [axis for axis, size in enumerate(extent) if len(seen) == len(extent) and seen[axis] < size]
        if axes:
            warnings.append(
                f"an output sees {show(seen)} positions, and half of the objects of class {name} are at "
                f"least {show(extent)}: take a deeper network, or coarser images"
            )
    volume, whole = prod(sizes), facts.positions
    if PART * volume < whole:
        warnings.append(
            f"a patch is {volume / whole:.0%} of the median example {show(facts.median)}: the network never "
            "sees more surroundings than that; more memory or bf16-mixed allow larger ones"
        )
    norms = [module for module in net.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    if norms and batch <= FEW:
        warnings.append(
            f"batch norm takes its statistics over {batch} examples: take instance norm or group norm"
        )
    return warnings


def _seen(net: nn.Module, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return how many positions an output sees along each axis; empty where it sees all, or it is unknown."""
    graph = record(net, shape, training=True)
    known = fields(graph)
    if graph.failure is not None or len(known.axes) != 1:
        return ()
    extents = known[graph.outputs[0].key].inputs[0].extents
    sizes = [extent.size for extent in extents if extent.kind in ("uniform", "non-uniform")]
    return tuple(size for size in sizes if size is not None) if len(sizes) == len(shape) - 1 else ()
