"""How the receptive field moves from one unit of a map to the next, as if there were no borders.

The exact sets of a unit end at the borders of the image. The motion has the size, stride and offset of a unit
that no border cuts, whose field may be larger than the image.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from netwright.receptive.sets.interior import POINT, Interior, PeriodicMap, join, read, shift

MotionKind = Literal["nothing", "moving", "whole", "uneven"]


@dataclass(frozen=True)
class Motion:
    """How the receptive field of a map moves.

    Args:
        kind: `moving` (along one axis of the map), `nothing` (no unit reads anything), `whole` (each unit
            reads the whole input axis, as after global pooling or attention), or `uneven` (any other way).
        dim: the axis of the map along which it moves.
        interior: what the units along this axis see on an endless axis.
    """

    kind: MotionKind
    dim: int = -1
    interior: Interior = POINT

    def take(self, dim: int, periodic: PeriodicMap | None, *, whole: bool = False) -> "Motion":
        """Return the motion after an operation along `dim`; `whole` if its only output reads everything."""
        if self.kind != "moving" or dim != self.dim:
            return self
        if periodic is None:
            return WHOLE if whole else UNEVEN
        moved = read(self.interior, periodic)
        return UNEVEN if moved is None else Motion("moving", dim, moved)

    def mixed(self, dim: int) -> "Motion":
        """Return the motion after an operation whose outputs along `dim` each read all of it."""
        return WHOLE if self.kind == "moving" and dim == self.dim else self

    def renamed(self, dim: int | None) -> "Motion":
        """Return the motion with its axis under another number; None when the axis is gone."""
        if self.kind != "moving":
            return self
        return UNEVEN if dim is None else Motion("moving", dim, self.interior)

    def shifted(self, dim: int, by: int) -> "Motion":
        """Return the motion with `by` units of another map before it along `dim`."""
        if self.kind != "moving" or dim != self.dim or not by:
            return self
        return Motion("moving", dim, shift(self.interior, by))


NOTHING = Motion("nothing")
WHOLE = Motion("whole")
UNEVEN = Motion("uneven")


def combine(motions: Iterable[Motion]) -> Motion:
    """Return the motion of a sum or concatenation of maps.

    >>> combine([NOTHING, Motion("moving", 2), WHOLE]).kind
    'whole'
    >>> combine([Motion("moving", 2), Motion("moving", 3)]).kind
    'uneven'
    """
    seen = list(dict.fromkeys(motion for motion in motions if motion.kind != "nothing"))
    if len(seen) <= 1:
        return seen[0] if seen else NOTHING
    for kind in (WHOLE, UNEVEN):
        if kind in seen:
            return kind
    result = seen[0]
    for motion in seen[1:]:
        both = join(result.interior, motion.interior) if motion.dim == result.dim else None
        if both is None:
            return UNEVEN
        result = Motion("moving", result.dim, both)
    return result
