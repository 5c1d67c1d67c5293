"""The input sizes that a network takes without loss: it runs on them, and no window leaves out a border."""

from collections.abc import Sequence
from typing import Any

from torch import nn

from netwright.arithmetic.coverage import lost_border
from netwright.arithmetic.shape import show
from netwright.errors import DesignError
from netwright.trace.families import CONVOLUTIONS, POOLS
from netwright.trace.graph import Failure, Graph, Op
from netwright.trace.record import record

FURTHEST = 128
"""How many smaller sizes are tried."""

Sizes = tuple[int, ...]


class Fitting:
    """The sizes of space that fit one network; each is recorded once, without data.

    Args:
        net: a network with one input [b, channels, *space]; it stays untouched.
        channels: channels of the input.
    """

    def __init__(self, net: nn.Module, channels: int):
        self.net, self.channels = net, channels
        self._unfit: dict[Sizes, tuple[tuple[int, ...], str]] = {}

    def misfit(self, sizes: Sizes) -> str:
        """Return why the network does not take these sizes without loss; empty if it does."""
        return self._looked(sizes)[1]

    def below(self, sizes: Sizes) -> Sizes:
        """Return the largest sizes that fit, none above the given ones.

        Along every axis that does not fit, the next smaller size is tried.

        Raises:
            DesignError: No size near the given ones fits.
        """
        fitting = self.search(sizes)
        if fitting is None:
            reason = self.misfit(sizes)
            raise DesignError(f"`{type(self.net).__name__}` takes no input near {show(sizes)}: {reason}.")
        return fitting

    def search(self, sizes: Sizes) -> Sizes | None:
        """Return what `below` returns; None where no size near the given ones fits."""
        tried = sizes
        for _ in range(FURTHEST):
            axes, reason = self._looked(tried)
            if not reason:
                return tried
            tried = tuple(size - (axis in axes) for axis, size in enumerate(tried))
            if min(tried) < 1:
                return None
        return None

    def periods(self, sizes: Sizes) -> Sizes:
        """Return how much smaller the next size that fits is along each axis; 0 where there is none.

        Args:
            sizes: sizes that fit.
        """
        smaller = self.search(tuple(size - 1 for size in sizes)) if min(sizes) > 1 else None
        if smaller is None:
            return (0,) * len(sizes)
        return tuple(size - less for size, less in zip(sizes, smaller, strict=True))

    def _looked(self, sizes: Sizes) -> tuple[tuple[int, ...], str]:
        """Return the axes along which the sizes do not fit, and the reason."""
        if sizes not in self._unfit:
            graph = record(self.net, (self.channels, *sizes), training=True)
            self._unfit[sizes] = _misfit(graph, len(sizes))
        return self._unfit[sizes]


def _misfit(graph: Graph, rank: int) -> tuple[tuple[int, ...], str]:
    if graph.failure is not None:
        return _differing(graph.failure, rank), graph.failure.message.splitlines()[0].rstrip(".")
    read: dict[int, list[tuple[Op, list[int]]]] = {}
    for op in graph.ops:
        if op.name in CONVOLUTIONS | POOLS:
            read.setdefault(op.inputs[0].key, []).append((op, _lost(op)))
    for readers in read.values():
        lost = [min(each) for each in zip(*(borders for _, borders in readers), strict=True)]
        axes = tuple(axis for axis, border in enumerate(lost) if border)
        if axes and len(lost) == rank:
            op = readers[0][0]
            given = show(op.inputs[0].shape[2:])
            return axes, f"`{op.module or op.name}` leaves out the far border of a map of {given}"
    return (), ""


def _differing(failure: Failure, rank: int) -> tuple[int, ...]:
    """Return the axes of space along which the inputs of a merge that failed differ; all, if none does."""
    every = tuple(range(rank))
    shapes = [tensor.shape[2:] for tensor in failure.inputs if len(tensor.shape) == rank + 2]
    return tuple(axis for axis in every if len({shape[axis] for shape in shapes}) > 1) or every


def _lost(op: Op) -> list[int]:
    """Return how many positions after the last window an op leaves out, along each axis."""
    if op.name in CONVOLUTIONS:
        kernel: Sequence[int] = op.arguments["weight"].shape[2:]
    else:
        kernel = op.arguments["kernel_size"]
    settings: list[Any] = [op.arguments[name] for name in ("stride", "padding")]
    dilation = op.arguments.get("dilation") or (1,) * len(kernel)
    axes = zip(op.inputs[0].shape[-len(kernel) :], kernel, *settings, dilation, strict=True)
    return [lost_border(*axis, ceil_mode=bool(op.arguments.get("ceil_mode"))) for axis in axes]
