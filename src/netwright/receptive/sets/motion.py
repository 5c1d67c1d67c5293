"""The axis of a map along which its receptive field moves, and how it would move without borders.

The exact sets of a unit end at the borders of the image at hand; the motion carries the size, stride and
offset of a unit that no border cuts, which may well be larger than the image.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from netwright.receptive.sets.interior import POINT, Interior, PeriodicMap, join, read, shift

Kind = Literal["nothing", "moving", "whole", "uneven"]


@dataclass(frozen=True)
class Motion:
    """`moving` along map axis `dim` as `interior`, or why it does not.

    `nothing` reads nothing, `whole` reads all of the input axis by its very kind (global pooling,
    attention), `uneven` moves in no simple way.
    """

    kind: Kind
    dim: int = -1
    interior: Interior = POINT

    def take(self, dim: int, periodic: PeriodicMap | None, *, whole: bool = False) -> "Motion":
        """After an operation along `dim`; `whole` when its single output reads everything."""
        if self.kind != "moving" or dim != self.dim:
            return self
        if periodic is None:
            return WHOLE if whole else UNEVEN
        moved = read(self.interior, periodic)
        return UNEVEN if moved is None else Motion("moving", dim, moved)

    def mixed(self, dim: int) -> "Motion":
        """After every output along `dim` reads all of it."""
        return WHOLE if self.kind == "moving" and dim == self.dim else self

    def renamed(self, dim: int | None) -> "Motion":
        """With its map axis under another number; None when the axis is gone."""
        if self.kind != "moving":
            return self
        return UNEVEN if dim is None else Motion("moving", dim, self.interior)

    def shifted(self, dim: int, by: int) -> "Motion":
        """With `by` foreign units before it along `dim`."""
        if self.kind != "moving" or dim != self.dim or not by:
            return self
        return Motion("moving", dim, shift(self.interior, by))


NOTHING = Motion("nothing")
WHOLE = Motion("whole")
UNEVEN = Motion("uneven")


def combine(motions: Iterable[Motion]) -> Motion:
    """The motion of a sum or concatenation of maps that each have one.

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
