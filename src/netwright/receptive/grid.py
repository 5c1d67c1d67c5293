"""The grid of a network's output: where its positions lie in the input, from the receptive field.

Tasks place their targets by it: heat maps at their exact stride and offset, and the crop of a U-Net of valid
convolutions (an input of 572 gives 388 positions, which begin at pixel 92).
"""

from fractions import Fraction

from torch import nn

from netwright.arithmetic.grid import Axis, Grid
from netwright.arithmetic.shape import show
from netwright.errors import SpecError
from netwright.receptive.fields import fields
from netwright.receptive.sets.motion import Motion
from netwright.trace.graph import Graph
from netwright.trace.record import record

EVEN = 128
"""Sizes that are multiples of it are halved seven times without a remainder."""

Shape = tuple[int, ...]


def grid(net: nn.Module, input: Shape) -> Grid | None:
    """Return the grid of the first output of `net`; None for an output without axes of space, as of classes.

    An axis of the input's own size has a position for each pixel. Otherwise the field of a unit that no
    border cuts decides. Where it cannot (attention and global pooling see everything), a size that divides
    the input's is taken as regular, with positions at the centres of equal parts.

    Args:
        net: Any module; it stays untouched.
        input: Shape [c, *space] of one example.

    Raises:
        SpecError: The network cannot read such inputs, or nothing says where its positions lie.
    """
    graph = recorded(net, input)
    sides, output = input[1:], graph.outputs[0].shape
    if len(output) < len(sides) + 2:
        return None
    if output[-len(sides) :] == sides:
        return Grid.regular(sides, sides)
    motions = _motions(graph)
    if any(motion.kind == "uneven" for motion in motions):
        even = _motions(recorded(net, halvable(input)))
        motions = [e if m.kind == "uneven" else m for m, e in zip(motions, even, strict=True)]
    axes = []
    for index, (side, motion, place) in enumerate(
        zip(sides, motions, _places(motions, len(output)), strict=True)
    ):
        size = output[place]
        axis = _equal(side, size) or _exact(side, size, motion) or _regular(side, size)
        if axis is None:
            raise SpecError(_reason(net, index, side, size))
        axes.append(axis)
    return Grid(tuple(axes))


def recorded(net: nn.Module, input: Shape) -> Graph:
    """Return one run of a network in evaluation mode on an input of shape [c, *space]."""
    graph = record(net, input, training=False)
    if graph.failure is not None:
        raise SpecError(
            f"`{type(net).__name__}` cannot read inputs of {show(input)}: {graph.failure.message}"
        )
    return graph


def _motions(graph: Graph) -> list[Motion]:
    """Return how the first output moves along each axis of space of the first input."""
    rank = len(graph.inputs[0].shape)
    axes = (tuple(range(2, rank)), *(() for _ in graph.inputs[1:]))
    known = fields(graph, axes)
    return [known.reach(graph.outputs[0].key, 0, axis).motion for axis in axes[0]]


def _places(motions: list[Motion], rank: int) -> list[int]:
    """Return the axes of the output: those that the fields move along, else the last ones."""
    last = range(rank - len(motions), rank)
    return [
        motion.dim if motion.kind == "moving" else place for motion, place in zip(motions, last, strict=True)
    ]


def halvable(input: Shape) -> Shape:
    """Return the shape of a larger input, whose sides no halving rounds.

    Where a halving rounds and the way up returns to the size before, the deep maps are stretched by a pixel
    or two; the grid of the finest map, which they are added to, stays what it is.
    """
    return (input[0], *(-(-side // EVEN) * EVEN for side in input[1:]))


def _equal(side: int, size: int) -> Axis | None:
    return Axis(Fraction(1), Fraction(0), size, side) if side == size else None


def _exact(side: int, size: int, motion: Motion) -> Axis | None:
    """Return the axis that an inner unit shows, unless positions then lie outside and far from the centre.

    They do where a deep branch hides a fine one: after strided convolutions with padding, unit 0 has its
    field centred on pixel 0 at every depth, and the units that share it after a step up lie before it.
    """
    if motion.kind != "moving":
        return None
    stride, offset = motion.interior.stride, motion.interior.centre
    if offset is None or stride <= 0:
        return None
    last = offset + stride * (size - 1)
    inside = offset >= 0 and last <= side - 1
    central = abs(offset + last - (side - 1)) < 2 * stride
    if not (motion.interior.uniform or inside or central):
        return None
    return Axis(stride, offset, size, side)


def _regular(side: int, size: int) -> Axis | None:
    """Return the axis of an output whose size divides the input's, or is a multiple of it."""
    if not size or (side % size and size % side):
        return None
    stride = Fraction(side, size)
    return Axis(stride, (stride - 1) / 2, size, side)


def _reason(net: nn.Module, index: int, side: int, size: int) -> str:
    return (
        f"`{type(net).__name__}` gives {size} positions for {side} along axis {index} of space, and its "
        "receptive field does not say where they lie; return the size of the input, or a part of it such as "
        f"{side // 4 or 1}."
    )
