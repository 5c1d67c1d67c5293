"""A receptive field in a few words: size, stride and offset of a unit inside, or why there are none."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from netwright.receptive.sets.reach import Reach

Kind = Literal["uniform", "non-uniform", "whole", "fixed", "nothing", "unknown"]


@dataclass(frozen=True)
class Extent:
    """What the units of a map see along one input axis.

    Args:
        kind: `uniform` (every unit inside sees `size` positions, `stride` further than its neighbour),
            `non-uniform`, `whole` (every unit sees the whole axis by its very kind: global pooling,
            attention), `fixed` (every unit sees the same part), `nothing` (no unit sees the input) or
            `unknown`.
        size: positions a unit sees from its first to its last where no border cuts it, so it may exceed the
            input; the largest when `non-uniform`; None when unknown.
        stride: input positions from one unit to the next; None where there is no such number.
        offset: first position of unit 0, negative when it lies in the padding.
        covers: whether every unit sees the input from end to end, borders considered.
        bound: the field contains what is seen, and may be larger.
        reason: the operation without a rule, when unknown.
        holes: positions between the first and the last, within the input, that a unit does not read: those of
            the most perforated unit; None where they were not looked for.
    """

    kind: Kind
    size: int | None = None
    stride: int | Fraction | None = None
    offset: int | None = None
    covers: bool = False
    bound: bool = False
    reason: str = ""
    holes: int | None = 0

    @property
    def centre(self) -> float | None:
        """Where the field of unit 0 has its middle, in input positions."""
        if self.offset is None or self.size is None:
            return None
        return self.offset + (self.size - 1) / 2

    def text(self) -> str:
        """For a table.

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
            words.append(f"/{_pace(self.stride)}")
        if self.offset is not None:
            words.append(f"{self.offset:+d}")
        if self.kind == "unknown":
            words.append(f"({self.reason})")
        if self.holes != 0:
            words.append(f"∘{'?' if self.holes is None else self.holes}")
        return " ".join(words)


def _pace(stride: int | Fraction) -> str:
    return str(stride) if isinstance(stride, int) else f"{float(stride):.3g}"


def measure(reach: Reach) -> Extent:
    """Size, stride and offset of a hull's units, from the endless axis where there is one.

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
    covers = bool((lo == 0).all() and (hi == reach.extent - 1).all())
    if reach.extent == 1 and covers:
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
    found = _observed(lo, hi, reach.extent) if len(dims) == 1 else None
    if found is not None:
        return Extent("uniform", *found, covers, reach.bound)
    return Extent("non-uniform", int((hi - lo + 1)[hi >= lo].max()), None, None, covers, reach.bound)


def _constant(lo: int, hi: int, covers: bool, reach: Reach) -> Extent:
    """The field that all units have in common."""
    if covers:
        return Extent("whole", reach.extent, covers=True, bound=reach.bound)
    return Extent("fixed", hi - lo + 1, None, lo, False, reach.bound)


def _observed(lo: NDArray[np.int32], hi: NDArray[np.int32], extent: int) -> tuple[int, int, int] | None:
    """Size, stride and offset that all units strictly inside the input agree on, of two or more."""
    inside = np.flatnonzero((lo > 0) & (hi < extent - 1) & (hi >= lo))
    if len(inside) < 2 or inside[-1] - inside[0] != len(inside) - 1:
        return None
    sizes, steps = (hi - lo + 1)[inside], np.diff(lo[inside])
    if (sizes != sizes[0]).any() or (steps != steps[0]).any():
        return None
    stride = int(steps[0])
    return int(sizes[0]), stride, int(lo[inside[0]]) - stride * int(inside[0])


@dataclass(frozen=True)
class Gaps:
    """What receptive fields leave out: `holes` inside the most perforated unit, `unread` by any unit.

    Dilated convolutions of one rate read a grid (Yu, Koltun & Funkhouser 2017, "gridding").
    """

    holes: int
    unread: tuple[int, ...]


def gaps(reach: Reach) -> Gaps | None:
    """Holes and unread positions, from a support or from a solid hull; None where a hull cannot tell.

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
        return Gaps(0, tuple(range(reach.extent)))
    if reach.terms[0][1].array.dtype != np.bool_:
        return Gaps(0, _outside(reach)) if reach.solid else None
    away = reach.dense()[1].reshape(reach.extent, -1)
    outside = np.logical_and.accumulate(away) | np.logical_and.accumulate(away[::-1])[::-1]
    holes = (away & ~outside).sum(axis=0).max(initial=0)
    return Gaps(int(holes), tuple(np.flatnonzero(away.all(axis=1)).tolist()))


def _outside(hull: Reach) -> tuple[int, ...]:
    """The positions that lie between no unit's first and last."""
    _, lo, hi = hull.spans()
    first, last = lo[lo <= hi], hi[lo <= hi]
    covered = np.bincount(first, minlength=hull.extent + 1) - np.bincount(last + 1, minlength=hull.extent + 1)
    return tuple(np.flatnonzero(covered.cumsum()[: hull.extent] == 0).tolist())
