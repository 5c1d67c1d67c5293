"""A union of sets that depend on different axes of a map.

A term is a pair of the axes of the map that its sets depend on, ascending, and the sets.
"""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from netwright.receptive.sets.index_map import IndexMap
from netwright.receptive.sets.index_sets import Array, IndexSets

Term = tuple[tuple[int, ...], IndexSets]


@lru_cache(maxsize=256)
def everything(length: int, support: bool) -> tuple[Term, ...]:
    """Return the term of units that all read everything, the same object for all maps of one length."""
    full = np.zeros(length, dtype=bool) if support else np.array([0, 1 - length], dtype=np.int32)
    return (((), IndexSets(full, solid=not support)),)


def tidy(terms: Iterable[Term], length: int) -> tuple[Term, ...]:
    """Return the same union with the fewest terms, each over the fewest axes."""
    merged: dict[tuple[int, ...], IndexSets] = {}
    for given in dict.fromkeys(terms):
        dims, sets = _fewest_axes(*given)
        if not dims and sets.full(length):
            return everything(length, sets.array.dtype == np.bool_)
        if 0 not in sets.sizes:
            merged[dims] = merged[dims].join(sets) if dims in merged else sets
    for dims in sorted(merged, key=len):
        larger = next((other for other in merged if set(dims) < set(other)), None)
        if larger is not None and dims:
            small = merged.pop(dims)
            lifted = IndexSets(expanded(dims, small, larger), solid=small.solid)
            merged[larger] = merged[larger].join(lifted)
    if () in merged and merged[()].full(length):
        return everything(length, merged[()].array.dtype == np.bool_)
    return tuple((dims, sets) for dims, sets in merged.items() if dims or not sets.empty())


def _fewest_axes(dims: tuple[int, ...], sets: IndexSets) -> Term:
    """Return the term without the axes along which all units read the same."""
    if 0 in sets.sizes:
        return dims, sets
    for place in reversed(range(len(dims))):
        if sets.constant(place):
            dims, sets = (*dims[:place], *dims[place + 1 :]), sets.first(place)
    return dims, sets


def least(terms: Iterable[Term], dim: int) -> list[Term]:
    """Return the terms with everything along `dim` joined."""
    return [
        (tuple(d for d in dims if d != dim), sets.least(dims.index(dim))) if dim in dims else (dims, sets)
        for dims, sets in terms
    ]


def blanked(dims: tuple[int, ...], sets: IndexSets, dim: int, index_map: IndexMap) -> Term:
    """Return the sets as dependent on `dim`, along which some outputs read only padding."""
    later = tuple(sorted([*dims, dim]))
    blank = index_map.blank.reshape([-1 if d == dim else 1 for d in later])
    array = np.where(blank, np.array(sets.nothing, sets.array.dtype), expanded(dims, sets, later))
    return later, IndexSets(array, solid=sets.solid)


def expanded(own: tuple[int, ...], sets: IndexSets, dims: tuple[int, ...]) -> Array:
    """Return the array with an axis of one position for each axis of `dims` that it does not depend on."""
    sizes = dict(zip(own, sets.sizes, strict=True))
    return sets.array.reshape(sets.array.shape[0], *[sizes.get(d, 1) for d in dims])
