"""How the axes of a map become those of another shape, in independent groups of axes.

`2 3 4 5` to `6 20` has two groups, (2, 3) into (6) and (4, 5) into (20): what depends on the first group
before depends on the first group after. Axes of one position belong to no group.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import prod

import numpy as np

from netwright.arithmetic.shape import Shape
from netwright.receptive.sets.index_sets import IndexSets
from netwright.receptive.sets.interior import LONGEST_PERIOD, PeriodicMap
from netwright.receptive.sets.motion import UNEVEN, WHOLE, Motion


@dataclass(frozen=True)
class Layout:
    """Pairs of axes before and axes after a reshaping that hold the same units."""

    pairs: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]

    def move(
        self, dims: tuple[int, ...], sets: IndexSets, before: Shape, after: Shape, largest: int
    ) -> tuple[tuple[tuple[int, ...], IndexSets], bool]:
        """Return sets over axes `dims` of the old shape as sets over the new one, and whether they are exact.

        Where the exact sets would have more than `largest` numbers, all units of the group read the same.
        """
        touched = [(old, new) for old, new in self.pairs if set(old) & set(dims)]
        if all(len(old) == len(new) == 1 for old, new in touched):
            return (tuple(new[0] for _, new in touched), sets), True
        full = tuple(d for old, _ in touched for d in old)
        payload = sets.array.shape[0]
        if payload * prod(before[d] for d in full) > largest:
            while sets.sizes:
                sets = sets.least(0)
            return ((), sets), False
        sizes = dict(zip(dims, sets.sizes, strict=True))
        array = sets.array.reshape(payload, *[sizes.get(d, 1) for d in full])
        later = tuple(d for _, new in touched for d in new)
        spread = np.broadcast_to(array, (payload, *[before[d] for d in full]))
        moved = IndexSets(spread.reshape(payload, *[after[d] for d in later]), solid=sets.solid)
        return (later, moved), True

    def carry(self, motion: Motion, before: Shape, after: Shape, depends: set[int]) -> Motion:
        """Return the motion in the new shape.

        An axis keeps it that stays, that is split, or that is merged with later axes whose positions repeat.

        `depends` are the old axes that the sets depend on.
        """
        if motion.kind != "moving":
            return motion
        pair = next((pair for pair in self.pairs if motion.dim in pair[0]), None)
        if pair is None:
            return _single(motion, before, after)
        old, new = pair
        if len(old) == 1:
            inner = before[old[0]] // after[new[0]]
            return motion.take(motion.dim, PeriodicMap(inner, (tuple(range(inner)),))).renamed(new[0])
        times = prod(before[d] for d in old[1:])
        alone = old[0] == motion.dim and not depends & set(old[1:])
        if alone and len(new) == 1 and times <= LONGEST_PERIOD:
            return motion.take(motion.dim, PeriodicMap(1, ((0,),) * times)).renamed(new[0])
        return UNEVEN


def _single(motion: Motion, before: Shape, after: Shape) -> Motion:
    """Return the motion along an axis of one position, which is kept while the axis keeps its place."""
    if len(before) == len(after) and after[motion.dim] == 1:
        return motion
    return WHOLE


@lru_cache(maxsize=1024)
def groups(before: Shape, after: Shape) -> Layout:
    """Return the smallest groups of axes that hold the same units.

    >>> groups((2, 3, 4, 5), (6, 20)).pairs
    (((0, 1), (0,)), ((2, 3), (1,)))
    """
    old = [d for d, size in enumerate(before) if size != 1]
    new = [d for d, size in enumerate(after) if size != 1]
    pairs = []
    while old:
        left, right = [old.pop(0)], [new.pop(0)]
        while (a := prod(before[d] for d in left)) != (b := prod(after[d] for d in right)):
            if a < b:
                left.append(old.pop(0))
            else:
                right.append(new.pop(0))
        pairs.append((tuple(left), tuple(right)))
    return Layout(tuple(pairs))
