"""Sets of input positions for every unit of a map, in one array that operations gather from and join.

Two kinds of sets share the arithmetic. A *hull* holds for each unit the first position and the negated last,
so that joining is the minimum of both. A *support* holds one boolean for each input position, True where the
unit does not read it, so that joining is the minimum again. The first axis of the array is this payload, and
the other axes are the units.
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

    Results are remembered for each instance, so that repeated blocks and square images cost nothing more. An
    operation that changes nothing returns the same instance.

    Args:
        array: payload x units.
        solid: of a hull, whether every unit is known to read all positions from its first to its last; a
            solid hull is the exact set and needs no support to look for holes.
    """

    __slots__ = ("_made", "array", "solid")

    def __init__(self, array: Array, *, solid: bool = False):
        self.array, self.solid = array, solid
        self._made: dict[Hashable, IndexSets] = {}

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many units there are along each axis that the sets depend on."""
        return self.array.shape[1:]

    @property
    def nothing(self) -> int | bool:
        """The payload of a unit that reads nothing."""
        return True if self.array.dtype == np.bool_ else _NOWHERE

    def empty(self) -> bool:
        """Return whether no unit reads anything."""
        return bool((self.array == self.nothing).all())

    def full(self, length: int) -> bool:
        """Return whether every unit is known to read each position."""
        if self.array.dtype == np.bool_:
            return not self.array.any()
        return self.solid and bool((self.array[0] == 0).all() and (self.array[1] == 1 - length).all())

    def take(self, place: int, index_map: IndexMap) -> "IndexSets":
        """Return what the outputs of an operation read that moves along the unit axis `place`."""
        return self._once(
            ("take", place, index_map),
            lambda: _gather(self, place, index_map),
            lambda: _joins(self, place, index_map),
        )

    def spread(self, place: int, index_map: IndexMap) -> "IndexSets":
        """Return the same as `take`, with the columns of the map kept apart as a new axis after `place`."""
        return self._once(
            ("spread", place, index_map),
            lambda: _with_nothing(self, place).take(index_map.table, place + 1),
            lambda: True,
        )

    def least(self, place: int) -> "IndexSets":
        """Return one unit that reads everything that the units along `place` read."""
        return self._once(
            ("least", place),
            lambda: np.asarray(self.array.min(axis=place + 1, initial=self.nothing)),
            lambda: _accumulates(self.array, place + 1),
        )

    def running(self, place: int) -> "IndexSets":
        """Return units that read what those up to them read, as in causal attention and recurrent layers."""
        return self._once(
            ("running", place),
            lambda: np.minimum.accumulate(self.array, axis=place + 1),
            lambda: _accumulates(self.array, place + 1),
        )

    def join(self, other: "IndexSets") -> "IndexSets":
        """Return the union for each unit; sizes broadcast."""
        if other is self:
            return self
        return self._once(
            ("join", other),
            lambda: np.asarray(np.minimum(self.array, other.array)),
            lambda: other.solid and touching(self.array, other.array),
            other,
        )

    def constant(self, place: int) -> bool:
        """Return whether all units along `place` read the same."""
        first = self.array.take([0], axis=place + 1)
        return bool((self.array == first).all())

    def first(self, place: int) -> "IndexSets":
        """Return the first unit along `place` alone, without that axis."""
        return self._once(
            ("first", place), lambda: np.asarray(self.array.take(0, axis=place + 1)), lambda: True
        )

    def _once(
        self, key: Hashable, make: Callable[[], Array], stays: Callable[[], bool], *alike: "IndexSets"
    ) -> "IndexSets":
        """Return the result of an operation: a remembered one, or one of the operands where it is equal.

        `stays` tells whether the result of solid operands is solid.
        """
        if key not in self._made:
            array, solid = make(), self.solid and stays()
            candidates = (s for s in (self, *alike) if s.solid == solid and s.array.shape == array.shape)
            same = next((s for s in candidates if (s.array == array).all()), None)
            self._made[key] = same or IndexSets(array, solid=solid)
        return self._made[key]


def points(size: int, *, support: bool = False) -> IndexSets:
    """Return the sets of the input itself, where unit i reads position i.

    >>> points(3).array
    array([[ 0,  1,  2],
           [ 0, -1, -2]], dtype=int32)
    """
    if support:
        return IndexSets(~np.eye(size, dtype=bool))
    index = np.arange(size, dtype=np.int32)
    return IndexSets(np.stack([index, -index]), solid=True)


def touching(first: Array, second: Array) -> bool:
    """Return whether the union of two solid hulls is solid for every unit.

    >>> touching(points(4).array[:, :2], points(4).array[:, 1:3]), touching(*points(3).array.T[[0, 2]])
    (True, False)
    """
    apart = np.maximum(first[0] + second[1], second[0] + first[1]) > 1
    return not (apart & (first[0] != _NOWHERE) & (second[0] != _NOWHERE)).any()


def _with_nothing(sets: IndexSets, place: int) -> Array:
    """Return the array with another unit at its end that reads nothing, which index -1 selects."""
    array = sets.array
    edge = (*array.shape[: place + 1], 1, *array.shape[place + 2 :])
    return np.concatenate([array, np.full(edge, sets.nothing, dtype=array.dtype)], axis=place + 1)


def _gather(sets: IndexSets, place: int, index_map: IndexMap) -> Array:
    """Join what the columns of the map read, one by one where the table is large or narrow."""
    padded = _with_nothing(sets, place)
    wide = len(index_map.columns) > 8
    if wide and index_map.table.size * (sets.array.size // max(1, index_map.size)) <= _GATHER:
        return np.asarray(padded.take(index_map.table, place + 1).min(axis=place + 2))
    return reduce(np.minimum, (padded.take(column, place + 1) for column in index_map.columns))


def _joins(sets: IndexSets, place: int, index_map: IndexMap) -> bool:
    """Return whether solid hulls stay solid when the columns of the map are joined one by one."""
    padded = _with_nothing(sets, place)
    columns = [padded.take(column, place + 1) for column in index_map.columns]
    so_far = accumulate(columns, np.minimum)
    return all(touching(before, column) for before, column in zip(so_far, columns[1:], strict=False))


def _accumulates(array: Array, axis: int) -> bool:
    """Return whether solid hulls stay solid when each is joined with all before it along an axis."""
    before = np.minimum.accumulate(array, axis=axis).swapaxes(axis, 1)[:, :-1]
    return touching(before, array.swapaxes(axis, 1)[:, 1:])
