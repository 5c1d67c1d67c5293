"""The size, stride and offset of a receptive field, or why it has none."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from netwright.receptive.sets.reach import Reach

ExtentKind = Literal["uniform", "non-uniform", "whole", "fixed", "nothing", "unknown"]


@dataclass(frozen=True)
class Extent:
    """What the units of a map see along one axis of the input.

    Args:
        kind: `uniform` (every interior unit sees `size` positions, `stride` further on than its neighbour),
            `non-uniform`, `whole` (every unit sees the whole axis, as after global pooling or attention),
            `fixed` (every unit sees the same part), `nothing` (no unit sees the input) or `unknown`.
        size: positions that a unit sees from its first to its last where no border cuts it, so it may exceed
            the input; the largest when `non-uniform`; None when unknown.
        stride: input positions from one unit to the next; None where there is no such number.
        offset: first position of unit 0, which is negative when it is in the padding.
        covers: whether every unit sees the input from end to end, borders considered.
        bound: whether the field contains what is seen and may be larger.
        reason: the operation without a reader, when unknown.
        holes: how many positions between its first and its last, within the input, a unit does not read: the
            most of any unit; None where they were not looked for.
    """

    kind: ExtentKind
    size: int | None = None
    stride: int | Fraction | None = None
    offset: int | None = None
    covers: bool = False
    bound: bool = False
    reason: str = ""
    holes: int | None = 0

    @property
    def centre(self) -> float | None:
        """The middle of the field of unit 0, in input positions."""
        if self.offset is None or self.size is None:
            return None
        return self.offset + (self.size - 1) / 2

    def text(self) -> str:
        """Return a short text for a table.

        >>> Extent("uniform", 435, 32, -201).text(), Extent("whole", 224).text()
        ('435 /32 -201', 'whole')
        >>> Extent("non-uniform", 5, Fraction(1, 2), bound=True).text()
        '≤ non-uniform 5 /0.5'
        >>> Extent("uniform", 13, 1, -6, holes=6).text(), Extent("uniform", 13, 1, -6, holes=None).text()
        ('13 /1 -6 ∘6', '13 /1 -6 ∘?')
        """
        words: list[str] = ["≤"] if self.bound and self.kind != "unknown" else []
        if self.kind != "uniform":
            words.append(self.kind)
        if self.kind in ("uniform", "non-uniform", "fixed"):
            words.append(str(self.size))
        if self.stride is not None:
            words.append(f"/{_decimal(self.stride)}")
        if self.offset is not None:
            words.append(f"{self.offset:+d}")
        if self.kind == "unknown":
            words.append(f"({self.reason})")
        if self.holes != 0:
            words.append(f"∘{'?' if self.holes is None else self.holes}")
        return " ".join(words)


def _decimal(stride: int | Fraction) -> str:
    return str(stride) if isinstance(stride, int) else f"{float(stride):.3g}"


def measure(reach: Reach) -> Extent:
    """Return the size, stride and offset of a hull's units, from the endless axis where there is one.

    >>> from netwright.receptive.sets.reach import source
    >>> from netwright.receptive.sets.index_map import window
    >>> measure(source((224,), 0).take(0, window(224, 7, 2, 3))).text()
    '7 /2 -3'
    """
    if reach.unknown:
        return Extent("unknown", reason=reach.unknown)
    if not reach.terms:
        return Extent("nothing", 0)
    dims, lo, hi = reach.spans()
    covers = bool((lo == 0).all() and (hi == reach.length - 1).all())
    if reach.length == 1 and covers:
        return Extent("whole", 1, covers=True, bound=reach.bound)
    motion = reach.motion
    if motion.kind == "moving":
        inside = motion.interior
        if inside.uniform and (first := inside.at(0)) is not None:
            return Extent("uniform", inside.size, inside.advance, first[0], covers, reach.bound)
        pace = Fraction(inside.advance, len(inside.spans))
        return Extent("non-uniform", inside.size, pace, None, covers, reach.bound)
    if not dims:
        return _constant(int(lo), int(hi), covers, reach)
    observed = _observed(lo, hi, reach.length) if len(dims) == 1 else None
    if observed is not None:
        return Extent("uniform", *observed, covers, reach.bound)
    return Extent("non-uniform", int((hi - lo + 1)[hi >= lo].max()), None, None, covers, reach.bound)


def _constant(lo: int, hi: int, covers: bool, reach: Reach) -> Extent:
    """Return the extent of a field that all units have in common."""
    if covers:
        return Extent("whole", reach.length, covers=True, bound=reach.bound)
    return Extent("fixed", hi - lo + 1, None, lo, False, reach.bound)


def _observed(lo: NDArray[np.int32], hi: NDArray[np.int32], length: int) -> tuple[int, int, int] | None:
    """Return the size, stride and offset on which two or more units strictly inside the input all agree."""
    inside = np.flatnonzero((lo > 0) & (hi < length - 1) & (hi >= lo))
    if len(inside) < 2 or inside[-1] - inside[0] != len(inside) - 1:
        return None
    sizes, steps = (hi - lo + 1)[inside], np.diff(lo[inside])
    if (sizes != sizes[0]).any() or (steps != steps[0]).any():
        return None
    stride = int(steps[0])
    return int(sizes[0]), stride, int(lo[inside[0]]) - stride * int(inside[0])


@dataclass(frozen=True)
class Gaps:
    """What receptive fields leave out.

    A series of convolutions with the same dilation reads a grid (Yu, Koltun & Funkhouser 2017, "gridding").

    Args:
        holes: how many positions the unit with most holes leaves out between its first and its last.
        unread: the positions that no unit reads.
    """

    holes: int
    unread: tuple[int, ...]


def gaps(reach: Reach) -> Gaps | None:
    """Return holes and unread positions of a support or of a solid hull; None where a hull cannot tell.

    >>> from netwright.receptive.sets.reach import source
    >>> from netwright.receptive.sets.index_map import window
    >>> gaps(source((9,), 0, support=True).take(0, window(9, 3, 1, 0, 3)))
    Gaps(holes=4, unread=())
    >>> gaps(source((9,), 0).take(0, window(9, 2, 3)))
    Gaps(holes=0, unread=(2, 5, 8))
    """
    if reach.unknown:
        return None
    if not reach.terms:
        return Gaps(0, tuple(range(reach.length)))
    if reach.terms[0][1].array.dtype != np.bool_:
        return Gaps(0, _outside(reach)) if reach.solid else None
    away = reach.dense()[1].reshape(reach.length, -1)
    outside = np.logical_and.accumulate(away) | np.logical_and.accumulate(away[::-1])[::-1]
    holes = (away & ~outside).sum(axis=0).max(initial=0)
    return Gaps(int(holes), tuple(np.flatnonzero(away.all(axis=1)).tolist()))


def _outside(hull: Reach) -> tuple[int, ...]:
    """Return the positions that are not between the first and the last position of any unit."""
    _, lo, hi = hull.spans()
    first, last = lo[lo <= hi], hi[lo <= hi]
    covered = np.bincount(first, minlength=hull.length + 1) - np.bincount(last + 1, minlength=hull.length + 1)
    return tuple(np.flatnonzero(covered.cumsum()[: hull.length] == 0).tolist())
