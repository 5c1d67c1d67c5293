"""Index maps of interpolation, by torch's index rules (aten/src/ATen/native/UpSample.h).

`factor` is the scale factor when the caller gave one: torch then steps by its reciprocal and not by the
ratio of the sizes. Nearest indices are computed in single precision, as torch does for every dtype.
"""

from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from netwright.receptive.sets.index_map import IndexMap
from netwright.receptive.sets.interior import LONGEST_PERIOD, PeriodicMap

# A weight below this is rounding, not reading: torch's single-precision steps err by about 1e-7.
_NOTHING = 1e-5


def step(size: int, out: int, factor: float | None, *, align_corners: bool = False) -> Fraction:
    """Return the input positions from one output to the next.

    >>> step(4, 8, None), step(4, 7, None, align_corners=True), step(5, 7, 1.5)
    (Fraction(1, 2), Fraction(1, 2), Fraction(2, 3))
    """
    if align_corners:
        return Fraction(size - 1, out - 1) if out > 1 else Fraction(0)
    return Fraction(size, out) if factor is None else 1 / Fraction(factor).limit_denominator(10_000)


@lru_cache(maxsize=512)
def nearest(size: int, out: int, factor: float | None = None, exact: bool = False) -> IndexMap:
    """Return the map of `nearest`, which reads the position below, or of `nearest-exact`.

    >>> nearest(2, 4).table.ravel(), nearest(4, 2, exact=True).table.ravel()
    (array([0, 0, 1, 1]), array([1, 3]))
    """
    pace = np.float32(size) / np.float32(out) if factor is None else np.float32(1.0 / factor)
    offset = np.float32(0.5) if exact else np.float32(0)
    index = np.floor((np.arange(out, dtype=np.float32) + offset) * pace).astype(np.intp)
    if not exact and out in (size, 2 * size):
        index = np.arange(out) * size // out
    ratio = step(size, out, factor)
    half = Fraction(1, 2) if exact else Fraction(0)
    rows: list[tuple[int, ...]] = [
        (int((i + half) * ratio // 1),) for i in range(min(ratio.denominator, LONGEST_PERIOD + 1))
    ]
    return IndexMap(size, index.clip(max=size - 1)[:, None], _repeating(ratio, rows))


@lru_cache(maxsize=512)
def linear(size: int, out: int, factor: float | None = None, align_corners: bool = False) -> IndexMap:
    """Return the map of linear interpolation: two neighbours of each source point, or one that it falls on.

    >>> linear(2, 4).table
    array([[ 0, -1],
           [ 0,  1],
           [ 0,  1],
           [ 1, -1]])
    """
    if out == size:
        return _same(size)
    ratio = step(size, out, factor, align_corners=align_corners)
    points = _points(out, ratio, align_corners).clip(min=0)
    low = np.floor(points + _NOTHING).astype(np.intp).clip(max=size - 1)
    between = (points - low > _NOTHING) & (low < size - 1)
    rows = [_around(point, (0, 1)) for point in _period(ratio, align_corners)]
    return IndexMap(size, np.stack([low, np.where(between, low + 1, -1)], axis=1), _repeating(ratio, rows))


@lru_cache(maxsize=512)
def cubic(size: int, out: int, factor: float | None = None, align_corners: bool = False) -> IndexMap:
    """Return the map of cubic interpolation: four neighbours, clipped to the border (Keys 1981).

    >>> cubic(4, 8).table[2]
    array([0, 0, 1, 2])
    """
    ratio = step(size, out, factor, align_corners=align_corners)
    points = _points(out, ratio, align_corners)
    low = np.floor(points + _NOTHING).astype(np.intp)
    table = (low[:, None] + np.arange(-1, 3)).clip(0, size - 1)
    on_grid = points - low <= _NOTHING
    alone = np.array([False, True, False, False])
    table = np.where(on_grid[:, None] & ~alone, -1, table)
    rows = [_around(point, (-1, 0, 1, 2)) for point in _period(ratio, align_corners)]
    return IndexMap(size, table, _repeating(ratio, rows))


@lru_cache(maxsize=512)
def smoothed(size: int, out: int, factor: float | None, align_corners: bool, reach: int) -> IndexMap:
    """Return the map of antialiased interpolation: all positions near the centre of each output.

    `reach` is the width of the support, 2 for linear and 4 for cubic interpolation. Weights at its edge may
    be zero, so the map contains what is read and may be larger.
    """
    ratio = step(size, out, factor, align_corners=align_corners)
    pace = float(ratio)
    support = reach / 2 * max(pace, 1.0)
    centre = pace * (np.arange(out) + 0.5)
    first = np.floor(centre - support + 0.5).astype(np.intp).clip(min=0)
    last = np.floor(centre + support + 0.5).astype(np.intp).clip(max=size)
    positions = first[:, None] + np.arange(max(1, int((last - first).max(initial=1))))
    return IndexMap(size, np.where(positions < last[:, None], positions, -1), None)


def _same(size: int) -> IndexMap:
    """Return the identity: torch copies when the size does not change."""
    return IndexMap(size, np.arange(size)[:, None], PeriodicMap(1, ((0,),)))


def _points(out: int, ratio: Fraction, align_corners: bool) -> NDArray[np.float64]:
    """Return the source point of each output on the input axis."""
    index = np.arange(out, dtype=np.float64)
    return float(ratio) * index if align_corners else float(ratio) * (index + 0.5) - 0.5


def _period(ratio: Fraction, align_corners: bool) -> list[Fraction]:
    """Return the exact source points of one period, at most one more than the longest period allowed."""
    half = Fraction(0) if align_corners else Fraction(1, 2)
    return [ratio * (i + half) - half for i in range(min(ratio.denominator, LONGEST_PERIOD + 1))]


def _around(point: Fraction, offsets: tuple[int, ...]) -> tuple[int, ...]:
    """Return the neighbours of a source point, or the point alone when it is on the grid."""
    low = point // 1
    return (low,) if point == low else tuple(low + offset for offset in offsets)


def _repeating(ratio: Fraction, rows: list[tuple[int, ...]]) -> PeriodicMap | None:
    """Return the map of one period, unless it is too long or does not advance."""
    if ratio == 0 or ratio.denominator > LONGEST_PERIOD:
        return None
    return PeriodicMap(ratio.numerator, tuple(rows))
