"""The sizes of tiles that compute the fewest positions, of those that fit into memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, lcm, prod

from netwright.receptive.needs import Needs

Sizes = tuple[int, ...]

EVERY = 32
"""Up to this number of tiles along an axis each number is tried; above, each that is a tenth larger."""


@dataclass(frozen=True)
class Choice:
    """A number of tiles along one axis, the length that they need, and whether they are exact."""

    count: int
    length: int
    exact: bool


def choices(total: Sizes, needs: Sequence[Needs], multiple: int) -> list[list[Choice]]:
    """Return the possible tiles along each axis, from one tile on.

    Args:
        total: Pixels of each axis, with those that are mirrored.
        needs: What a position sees along each axis.
        multiple: What lengths differ from the axis by a multiple of.
    """
    return [_along(side, need, multiple) for side, need in zip(total, needs, strict=True)]


def _along(total: int, need: Needs, multiple: int) -> list[Choice]:
    """Return the tiles along one axis, each shorter than the one before.

    Tiles that are exact overlap by the field of a position, and by as much as their starts may have to move
    to a multiple of the total stride. Others overlap by half.

    >>> from netwright.receptive.sets.interior import Interior
    >>> along = _along(100, Needs(1, Interior(1, ((-1, 1),))), 1)
    >>> [(choice.count, choice.length) for choice in along[:3]]
    [(1, 100), (2, 52), (3, 36)]
    >>> [(choice.count, choice.length) for choice in _along(100, Needs(1, None, "it sees all"), 1)[:3]]
    [(1, 100), (2, 67), (3, 50)]
    """
    step = lcm(need.step, multiple)
    overlap = need.size - 1 + 2 * step
    made = [Choice(1, total, True)]
    count = 1
    while True:
        count += max(1, count // 10) if count > EVERY else 1
        exact = need.interior is not None and ceil((total + (count - 1) * overlap) / count) > overlap
        length = ceil((total + (count - 1) * overlap) / count) if exact else ceil(2 * total / (count + 1))
        length += (total - length) % step
        if length < made[-1].length:
            made.append(Choice(count, length, exact))
        if length <= 2 * step or count >= total:
            return made


def cheapest(candidates: Sequence[Sequence[Choice]], positions: float) -> Sizes:
    """Return the size of tiles of at most `positions` that compute the fewest, exact ones where possible.

    The smallest tile is returned where none is small enough.
    """
    best: tuple[tuple[bool, int], Sizes] | None = None
    for chosen in product(*candidates[:-1]):
        room = positions / prod(choice.length for choice in chosen)
        fitting = [choice for choice in candidates[-1] if choice.length <= room]
        for last in fitting:
            every = (*chosen, last)
            cost = prod(choice.count * choice.length for choice in every)
            key = (not all(choice.exact for choice in every), cost)
            if best is None or key < best[0]:
                best = key, tuple(choice.length for choice in every)
    return best[1] if best else tuple(each[-1].length for each in candidates)
