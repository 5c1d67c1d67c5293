"""The axis of a map along which its receptive field moves, and how it would move without borders.

The exact sets of a unit end at the borders of the image at hand; the spine carries the size, stride and
offset of a unit that no border cuts, which may well be larger than the image.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from netwright.arithmetic.interior import POINT, Interior, Pattern, join, read, shift

Kind = Literal["nothing", "moving", "whole", "uneven"]


@dataclass(frozen=True)
class Spine:
    """`moving` along map axis `dim` as `interior`, or why it does not.

    `nothing` reads nothing, `whole` reads all of the input axis by its very kind (global pooling,
    attention), `uneven` moves in no simple way.
    """

    kind: Kind
    dim: int = -1
    interior: Interior = POINT

    def take(self, dim: int, pattern: Pattern | None, *, whole: bool = False) -> "Spine":
        """After an operation along `dim`; `whole` when its single output reads everything."""
        if self.kind != "moving" or dim != self.dim:
            return self
        if pattern is None:
            return WHOLE if whole else UNEVEN
        moved = read(self.interior, pattern)
        return UNEVEN if moved is None else Spine("moving", dim, moved)

    def mixed(self, dim: int) -> "Spine":
        """After every output along `dim` reads all of it."""
        return WHOLE if self.kind == "moving" and dim == self.dim else self

    def renamed(self, dim: int | None) -> "Spine":
        """With its map axis under another number; None when the axis is gone."""
        if self.kind != "moving":
            return self
        return UNEVEN if dim is None else Spine("moving", dim, self.interior)

    def shifted(self, dim: int, by: int) -> "Spine":
        """With `by` foreign units before it along `dim`."""
        if self.kind != "moving" or dim != self.dim or not by:
            return self
        return Spine("moving", dim, shift(self.interior, by))


NOTHING = Spine("nothing")
WHOLE = Spine("whole")
UNEVEN = Spine("uneven")


def union(spines: Iterable[Spine]) -> Spine:
    """The spine of a sum or concatenation of maps that each have one.

    >>> union([NOTHING, Spine("moving", 2), WHOLE]).kind
    'whole'
    >>> union([Spine("moving", 2), Spine("moving", 3)]).kind
    'uneven'
    """
    seen = list(dict.fromkeys(spine for spine in spines if spine.kind != "nothing"))
    if len(seen) <= 1:
        return seen[0] if seen else NOTHING
    for kind in (WHOLE, UNEVEN):
        if kind in seen:
            return kind
    result = seen[0]
    for spine in seen[1:]:
        both = join(result.interior, spine.interior) if spine.dim == result.dim else None
        if both is None:
            return UNEVEN
        result = Spine("moving", result.dim, both)
    return result
