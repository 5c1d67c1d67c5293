"""Small regions of a map are given the class around them, in slabs, so that the map may lie in a file.

A region is a set of positions of one class that are connected through faces. The regions of each slab are
labelled alone and joined where slabs meet (Haralick & Shapiro 1992, chapter 2.3).
"""

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Values = NDArray[Any]

SLAB = 2**22
"""About the positions of a slab."""


class _Regions(NamedTuple):
    """The regions of a map.

    Args:
        first: For each slab, the number of its first label.
        region: The region of each label.
        size: The positions of each region.
    """

    first: list[int]
    region: Values
    size: Values


def absorb(codes: Values, least: int, nothing: int) -> int:
    """Give every region of fewer than `least` positions the class that most of its neighbours have.

    Neighbours in other small regions count only when these have been absorbed themselves; among equally
    frequent classes the first is taken. A small region without a larger neighbour stays, as where the whole
    map is smaller.

    Args:
        codes: Class indices [*space], changed in place; possibly a memory map.
        least: The positions of the smallest region that stays.
        nothing: The code of positions without a class, which belong to no region.

    Returns:
        The number of positions that were changed.

    >>> codes = np.array([[0, 0, 0, 0], [0, 1, 2, 2], [0, 0, 2, 2]])
    >>> absorb(codes, 2, nothing=3), codes[1].tolist()
    (1, [0, 0, 2, 2])
    """
    changed = 0
    while True:
        regions = _labelled(codes, nothing)
        small = regions.size < least
        if not small.any():
            return changed
        becomes = _neighbours(codes, regions, small, nothing)
        absorbed = _written(codes, regions, becomes, nothing)
        changed += absorbed
        if not absorbed or not (small & (becomes < 0)).any():
            return changed


def _slabs(codes: Values) -> Iterator[slice]:
    height = max(1, SLAB // max(1, prod(codes.shape[1:])))
    for start in range(0, len(codes), height):
        yield slice(start, min(start + height, len(codes)))


def _labels(slab: Values, nothing: int) -> tuple[Values, int]:
    """Return the regions of a slab, numbered from 1 (0 is no region), and how many there are."""
    labels, count = np.zeros(slab.shape, np.int32), 0
    for value in np.unique(slab):
        if value != nothing:
            where = slab == value
            own, many = label(where)
            labels[where] = own[where] + count
            count += many
    return labels, count


def _labelled(codes: Values, nothing: int) -> _Regions:
    first, pairs, sizes, total = [], [np.zeros((2, 0), np.int64)], [np.zeros(0, np.int64)], 0
    before: tuple[Values, Values] | None = None
    for part in _slabs(codes):
        slab = np.asarray(codes[part])
        labels, count = _labels(slab, nothing)
        sizes.append(np.bincount(labels.ravel(), minlength=count + 1)[1:])
        numbers = labels.astype(np.int64) + (total - 1)
        if before is not None:
            meet = (slab[0] == before[0]) & (labels[0] > 0)
            pairs.append(np.unique(np.stack([before[1][meet], numbers[0][meet]]), axis=1))
        before = slab[-1], numbers[-1]
        first.append(total)
        total += count
    joined = np.concatenate(pairs, 1)
    graph = coo_array((np.ones(joined.shape[1], bool), tuple(joined)), shape=(total, total))
    many, region = connected_components(graph, directed=False) if total else (0, np.zeros(0, np.int32))
    size = np.bincount(region, weights=np.concatenate(sizes), minlength=many).astype(np.int64)
    return _Regions(first, region, size)


def _numbered(codes: Values, regions: _Regions, nothing: int) -> Iterator[tuple[slice, Values, Values]]:
    """Yield each slab with its codes and the region of each position, -1 where there is none."""
    for part, first in zip(_slabs(codes), regions.first, strict=True):
        slab = np.asarray(codes[part])
        labels, _ = _labels(slab, nothing)
        yield part, slab, np.where(labels > 0, regions.region[labels + (first - 1)], -1)


def _neighbours(codes: Values, regions: _Regions, small: Values, nothing: int) -> Values:
    """Return the class that each small region becomes; -1 for the others."""
    found: list[Values] = [np.zeros(0, np.int64)]
    before: tuple[Values, Values] | None = None
    for _, slab, numbers in _numbered(codes, regions, nothing):
        if before is not None:
            found += _meeting(*before, slab[:1], numbers[:1], small, nothing)
        for axis in range(slab.ndim):
            low, high = (np.moveaxis(each, axis, 0) for each in (slab, numbers))
            found += _meeting(low[:-1], high[:-1], low[1:], high[1:], small, nothing)
        before = slab[-1:], numbers[-1:]
    becomes = np.full(len(small), -1, np.int64)
    keys, counts = np.unique(np.concatenate(found), return_counts=True)
    order = np.lexsort((-(keys % nothing), counts))  # the last one of a region counts most, ties the first
    becomes[keys[order] // nothing] = keys[order] % nothing
    return becomes


def _meeting(
    codes: Values, numbers: Values, others: Values, neighbours: Values, small: Values, nothing: int
) -> list[Values]:
    """Return region * classes + class for each face between a small region and a large one, both ways."""
    keys = []
    for mine, theirs, code in ((numbers, neighbours, others), (neighbours, numbers, codes)):
        where = (mine >= 0) & (theirs >= 0)
        where[where] = small[mine[where]] & ~small[theirs[where]]
        keys.append(mine[where].astype(np.int64) * nothing + code[where])
    return keys


def _written(codes: Values, regions: _Regions, becomes: Values, nothing: int) -> int:
    changed = 0
    for part, slab, numbers in _numbered(codes, regions, nothing):
        new = np.where(numbers >= 0, becomes[numbers], -1)
        if (new >= 0).any():
            codes[part] = np.where(new >= 0, new, slab)
            changed += int((new >= 0).sum())
    return changed
