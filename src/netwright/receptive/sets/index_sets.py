"""IndexSets of input positions for every unit of a map, as one array that all operations gather and join.

Two kinds share the arithmetic. A *hull* holds, per unit, the first position and the negated last, so that
joining is the minimum of both. A *support* holds one boolean per input position, True where the unit does
not read it, so that joining is the minimum again. The first axis is that payload, the others are the units.
"""

from collections.abc import Callable, Hashable
from functools import reduce
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.receptive.sets.index_map import IndexMap

Array = NDArray[Any]  # int32 for a hull, bool for a support

_NOWHERE = 1 << 29
_GATHER = 1 << 18


class IndexSets:
    """The positions that the units of a map read of one input axis.

    Results are remembered per instance, so a network that repeats a block on square images pays once; an
    operation that changes nothing returns the same instance.

    Args:
        array: payload x units.
        solid: of a hull, whether every unit is known to read all from its first position to its last; a
            solid hull is the exact set, and no support need be looked at for holes.
    """

    __slots__ = ("_made", "array", "solid")

    def __init__(self, array: Array, *, solid: bool = False):
        self.array, self.solid = array, solid
        self._made: dict[Hashable, IndexSets] = {}

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units along each axis the sets depend on."""
        return self.array.shape[1:]

    @property
    def nothing(self) -> int | bool:
        """The payload of a unit that reads nothing."""
        return True if self.array.dtype == np.bool_ else _NOWHERE

    def empty(self) -> bool:
        """Whether no unit reads anything."""
        return bool((self.array == self.nothing).all())

    def full(self, extent: int) -> bool:
        """Whether every unit reads each position (a hull: as far as it knows)."""
        if self.array.dtype == np.bool_:
            return not self.array.any()
        return self.solid and bool((self.array[0] == 0).all() and (self.array[1] == 1 - extent).all())

    def take(self, place: int, index_map: IndexMap) -> "IndexSets":
        """What an operation's outputs read, moving along the unit axis `place`."""
        return self._once(
            ("take", place, index_map),
            lambda: _gather(self, place, index_map),
            lambda: _joins(self, place, index_map),
        )

    def spread(self, place: int, index_map: IndexMap) -> "IndexSets":
        """As `take`, with the taps kept apart as a new axis behind `place`."""
        return self._once(
            ("spread", place, index_map),
            lambda: _with_nothing(self, place).take(index_map.table, place + 1),
            lambda: True,
        )

    def least(self, place: int) -> "IndexSets":
        """One unit that reads all that the units along `place` read."""
        return self._once(
            ("least", place),
            lambda: np.asarray(self.array.min(axis=place + 1, initial=self.nothing)),
            lambda: _accumulates(self.array, place + 1),
        )

    def running(self, place: int) -> "IndexSets":
        """Each unit reads what those up to it read (causal attention, recurrent layers)."""
        return self._once(
            ("running", place),
            lambda: np.minimum.accumulate(self.array, axis=place + 1),
            lambda: _accumulates(self.array, place + 1),
        )

    def join(self, other: "IndexSets") -> "IndexSets":
        """The union, unit by unit; sizes broadcast."""
        if other is self:
            return self
        return self._once(
            ("join", other),
            lambda: np.asarray(np.minimum(self.array, other.array)),
            lambda: other.solid and touching(self.array, other.array),
            other,
        )

    def constant(self, place: int) -> bool:
        """Whether all units along `place` read the same."""
        first = self.array.take([0], axis=place + 1)
        return bool((self.array == first).all())

    def first(self, place: int) -> "IndexSets":
        """The first unit along `place` alone, without that axis."""
        return self._once(
            ("first", place), lambda: np.asarray(self.array.take(0, axis=place + 1)), lambda: True
        )

    def _once(
        self, key: Hashable, make: Callable[[], Array], stays: Callable[[], bool], *alike: "IndexSets"
    ) -> "IndexSets":
        """The remembered result; `self` or another when it equals them. `stays` solid where all were."""
        if key not in self._made:
            array, solid = make(), self.solid and stays()
            candidates = (s for s in (self, *alike) if s.solid == solid and s.array.shape == array.shape)
            same = next((s for s in candidates if (s.array == array).all()), None)
            self._made[key] = same or IndexSets(array, solid=solid)
        return self._made[key]


def points(size: int, *, support: bool = False) -> IndexSets:
    """The input itself: unit i reads position i.

    >>> points(3).array
    array([[ 0,  1,  2],
           [ 0, -1, -2]], dtype=int32)
    """
    if support:
        return IndexSets(~np.eye(size, dtype=bool))
    index = np.arange(size, dtype=np.int32)
    return IndexSets(np.stack([index, -index]), solid=True)


def touching(first: Array, second: Array) -> bool:
    """Whether the union of two hulls without holes has none either, unit by unit.

    >>> touching(points(4).array[:, :2], points(4).array[:, 1:3]), touching(*points(3).array.T[[0, 2]])
    (True, False)
    """
    apart = np.maximum(first[0] + second[1], second[0] + first[1]) > 1
    return not (apart & (first[0] != _NOWHERE) & (second[0] != _NOWHERE)).any()


def _with_nothing(sets: IndexSets, place: int) -> Array:
    """The array with one more unit at the end that reads nothing: where index -1 points."""
    array = sets.array
    edge = (*array.shape[: place + 1], 1, *array.shape[place + 2 :])
    return np.concatenate([array, np.full(edge, sets.nothing, dtype=array.dtype)], axis=place + 1)


def _gather(sets: IndexSets, place: int, index_map: IndexMap) -> Array:
    """Join of what the taps read; tap by tap when the table is large, or narrow."""
    padded = _with_nothing(sets, place)
    wide = len(index_map.columns) > 8
    if wide and index_map.table.size * (sets.array.size // max(1, index_map.size)) <= _GATHER:
        return np.asarray(padded.take(index_map.table, place + 1).min(axis=place + 2))
    return reduce(np.minimum, (padded.take(column, place + 1) for column in index_map.columns))


def _joins(sets: IndexSets, place: int, index_map: IndexMap) -> bool:
    """Whether hulls without holes have none after the taps of each output are joined, tap by tap."""
    padded = _with_nothing(sets, place)
    columns = [padded.take(column, place + 1) for column in index_map.columns]
    so_far = accumulate(columns, np.minimum)
    return all(touching(before, column) for before, column in zip(so_far, columns[1:], strict=False))


def _accumulates(array: Array, axis: int) -> bool:
    """Whether hulls without holes have none when each is joined to all before it along an axis."""
    before = np.minimum.accumulate(array, axis=axis).swapaxes(axis, 1)[:, :-1]
    return touching(before, array.swapaxes(axis, 1)[:, 1:])
