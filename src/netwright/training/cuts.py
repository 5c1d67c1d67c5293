"""Where tiles are cut along one axis, so that every position comes from a tile that has it right."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, floor, lcm

from netwright.arithmetic.grid import Axis
from netwright.receptive.needs import Needs

Part = tuple[slice, slice, slice, Axis]


@dataclass(frozen=True)
class Frame:
    """An axis of the input, with mirrored pixels around it.

    Args:
        size: Pixels of the axis itself.
        total: Pixels with the mirrored ones.
        before: How many of these come before it.
    """

    size: int
    total: int
    before: int = 0


@dataclass(frozen=True)
class Cuts:
    """The tiles along one axis.

    Args:
        length: Pixels of each tile.
        starts: For each tile its first pixel, and the positions of the output that are kept of it: the first
            one, and the one after the last.
        axis: Where the positions of the whole output lie in the input.
        tile: Where the positions of a tile's own output lie in the tile.
        before: Mirrored pixels before the input, which `starts` counts.
        inexact: Why the kept positions may differ from those of the whole, after "along axis 0 ".
    """

    length: int
    starts: tuple[tuple[int, int, int], ...]
    axis: Axis
    tile: Axis
    before: int = 0
    inexact: str = ""

    def parts(self) -> Iterator[Part]:
        """Yield for each tile its window, what is kept of its output, where that belongs, and its grid."""
        for start, first, stop in self.starts:
            shift = int(start / self.tile.stride)
            window = slice(start - self.before, start - self.before + self.length)
            offset = self.tile.offset + self.tile.stride * (first - shift)
            grid = Axis(self.tile.stride, offset, stop - first, self.length)
            yield window, slice(first - shift, stop - shift), slice(first, stop), grid


def frame(side: int, most: int, axis: Axis, step: int, *, mirror: bool) -> Frame:
    """Return the axis with as many mirrored pixels as a network of valid convolutions loses.

    Args:
        side: Pixels of the axis.
        most: Pixels of the largest tile; the frame differs from it by whole steps, so that where this size
            is halved without a remainder, so is the frame.
        axis: The grid of an output of the network.
        step: The total stride.
        mirror: Whether to mirror at all.
    """
    if not mirror or axis.crop is None or axis.offset <= 0:
        return Frame(side, side)
    before = int(axis.offset)
    total = side + 2 * before
    return Frame(side, total + (most - total) % step, before)


def fitted(most: int, frame: Frame, need: Needs, axis: Axis) -> int:
    """Return the length of the tiles: at most `most`, and shorter than the frame by whole steps.

    A length of another remainder would be rounded in other places than the whole input. Only where no length
    up to `most` has the remainder is it longer.
    """
    step = lcm(need.step, axis.stride.numerator)
    length = min(most, frame.total)
    length -= (length - frame.total) % step
    return length if length > 0 else min(length + step, frame.total)


def cover(length: int, frame: Frame, tile: Axis, need: Needs) -> Cuts:
    """Return the tiles of a length that cover an axis, exactly if the need allows it.

    Args:
        length: Pixels of a tile, as `fitted` returns it.
        frame: The axis.
        tile: The grid of the output for one tile.
        need: What a position sees.
    """
    size = tile.size + floor((frame.total - length) / tile.stride)
    offset = tile.offset - frame.before
    if frame.before:
        size = min(size, frame.size)
    axis = Axis(tile.stride, offset, size, frame.size)
    starts, inexact = None, need.reason
    if length == frame.total:
        starts, inexact = [(0, 0, size)], ""
    elif need.interior:
        starts = _starts(need.first, lambda start: need.stop(start + length), need.step, axis, frame, tile)
        inexact = "" if starts else _short(need, length)
    if starts is None:
        starts = _overlapping(length, need, axis, frame, tile)
    return Cuts(length, tuple(starts), axis, tile, frame.before, inexact)


def _overlapping(
    length: int, need: Needs, axis: Axis, frame: Frame, tile: Axis
) -> list[tuple[int, int, int]]:
    """Return tiles of which a quarter at each side is left out, as far as that is possible."""
    step = lcm(need.step, tile.stride.numerator)
    step = step if length >= 2 * step else tile.stride.numerator
    margin = max(0, min(length // 4, (length - step) // 2))
    starts = _starts(
        lambda start: ceil((start + margin - tile.offset) / tile.stride),
        lambda start: floor((start + length - 1 - margin - tile.offset) / tile.stride) + 1,
        step,
        axis,
        frame,
        tile,
    )
    assert starts is not None
    return starts


def _starts(
    first: Callable[[int], int],
    stop: Callable[[int], int],
    step: int,
    axis: Axis,
    frame: Frame,
    tile: Axis,
) -> list[tuple[int, int, int]] | None:
    """Return tiles as far apart as `first` and `stop` allow; None where they leave positions out.

    `first` and `stop` return which positions a tile has right that starts at a pixel inside; both move by
    `step` / stride from one possible start to the next.
    """
    stride, spare = tile.stride, frame.total - tile.input
    last = spare - spare % stride.numerator
    pace = step / stride
    start, covered, starts = 0, 0, []
    while True:
        end = axis.size if start == last else min(stop(start), int(start / stride) + tile.size, axis.size)
        if end <= covered:
            return None
        starts.append((start, covered, end))
        covered = end
        if covered == axis.size:
            return starts
        following = start + step
        ready = max(first(following), int(following / stride))
        start = min(start + step * (1 + floor((covered - ready) / pace)), last)
        if start <= starts[-1][0]:
            return None


def _short(need: Needs, length: int) -> str:
    return (
        f"a position sees up to {need.size} pixels and tiles start at multiples of {need.step}, for which "
        f"{length} pixels are too short; take {need.size + 2 * need.step} or more"
    )


def mirrored(part: slice, side: int) -> list[int]:
    """Return the pixels of a window that may reach outside, where the input is mirrored at its border pixels.

    >>> mirrored(slice(-2, 6), 4)
    [2, 1, 0, 1, 2, 3, 2, 1]
    """
    period = max(1, 2 * (side - 1))
    return [min(index % period, period - index % period) for index in range(part.start, part.stop)]
