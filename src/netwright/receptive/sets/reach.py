"""The exact receptive field of a map: which positions of one input axis each of its units reads.

A `Reach` belongs to one map and one axis of one input. Its sets depend on as few axes of the map as possible:
on one for the output of a convolution, on none after global pooling, on two after windows were extracted or
channels with different fields were concatenated. Every operation on maps (moving along an axis, mixing it,
reshaping, adding, concatenating) is the same operation on the sets, so holes and borders are exact. Where the
exact sets would take too much memory, the sets contain them and `bound` is set.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import prod

import numpy as np
from numpy.typing import NDArray

from netwright.receptive.sets.index_map import IndexMap, strided
from netwright.receptive.sets.index_sets import Array, IndexSets, points, touching
from netwright.receptive.sets.motion import NOTHING, UNEVEN, WHOLE, Motion, combine
from netwright.receptive.sets.reshaping import groups
from netwright.receptive.sets.terms import Term, blanked, expanded, least, tidy

LARGEST = 1 << 22


@dataclass(frozen=True, eq=False, slots=True)
class Reach:
    """What the units of a map of `shape` read of an input axis of `length` positions.

    Args:
        length: positions of the input axis.
        shape: shape of the map.
        terms: sets to be joined, each with the axes of the map that it depends on, ascending.
        motion: how the field moves along an axis of the map, without borders.
        bound: whether the sets contain what is read and may contain more.
        unknown: the operation without a reader that it passed through; the sets then mean nothing.
    """

    length: int
    shape: tuple[int, ...]
    terms: tuple[Term, ...] = ()
    motion: Motion = NOTHING
    bound: bool = False
    unknown: str = ""

    def take(self, dim: int, index_map: IndexMap) -> "Reach":
        """Return the reach after an operation that moves along `dim` by an index map."""
        shape = (*self.shape[:dim], index_map.out, *self.shape[dim + 1 :])
        own = any(dim in dims for dims, _ in self.terms)
        whole = index_map.out == 1 and not index_map.partial
        motion = self.motion.take(dim, index_map.periodic, whole=whole)
        if not self.terms or not (own or index_map.any_blank) or index_map.identity:
            return Reach(self.length, shape, self.terms, motion, self.bound, self.unknown)
        terms, bound = [], self.bound
        for dims, sets in self.terms:
            if dim in dims:
                terms.append((dims, sets.take(dims.index(dim), index_map)))
            elif not index_map.any_blank:
                terms.append((dims, sets))
            elif prod(sets.array.shape) * index_map.out > LARGEST:
                terms.append((dims, sets))
                bound = True
            else:
                terms.append(blanked(dims, sets, dim, index_map))
        if own and dim != motion.dim and index_map.partial:
            motion = self._narrowed(dim, terms)
        return Reach(self.length, shape, tidy(terms, self.length), motion, bound, self.unknown)

    def _narrowed(self, dim: int, terms: list[Term]) -> Motion:
        """Return the motion, unless the units left along `dim` together read less than before."""
        before = tidy(least(self.terms, dim), self.length)
        after = tidy(least(terms, dim), self.length)
        same = len(before) == len(after) and all(
            a[0] == b[0] and np.array_equal(a[1].array, b[1].array)
            for a, b in zip(before, after, strict=True)
        )
        return self.motion if same else UNEVEN

    def mix(self, dim: int, size: int) -> "Reach":
        """Return the reach after an operation whose `size` outputs along `dim` each read all of it."""
        shape = (*self.shape[:dim], size, *self.shape[dim + 1 :])
        terms, motion = self.terms, self.motion.mixed(dim)
        if any(dim in dims for dims, _ in terms):
            terms = tidy(least(terms, dim), self.length)
        elif shape == self.shape and motion is self.motion:
            return self
        return Reach(self.length, shape, terms, motion, self.bound, self.unknown)

    def running(self, dim: int) -> "Reach":
        """Return the reach after an operation whose outputs along `dim` read what is at or before them."""
        terms = [(dims, sets.running(dims.index(dim)) if dim in dims else sets) for dims, sets in self.terms]
        motion = UNEVEN if self.motion.kind == "moving" and self.motion.dim == dim else self.motion
        return replace(self, terms=tidy(terms, self.length), motion=motion)

    def spread(self, dim: int, index_map: IndexMap) -> "Reach":
        """Return the reach of `unfold`: windows along `dim`, with their taps as a new axis after it."""
        width = index_map.table.shape[1]
        shape = (*self.shape[:dim], index_map.out, width, *self.shape[dim + 1 :])
        terms: list[Term] = []
        for dims, sets in self.terms:
            later = tuple(d + 1 if d > dim else d for d in dims)
            if dim in dims:
                place = dims.index(dim)
                later = (*later[: place + 1], dim + 1, *later[place + 1 :])
                terms.append((later, sets.spread(place, index_map)))
            else:
                terms.append((later, sets))
        moved = self.motion.take(dim, index_map.periodic)
        motion = moved.renamed(moved.dim + 1 if moved.dim > dim else moved.dim)
        unmasked = bool((index_map.table < 0).any()) and any(dim not in dims for dims, _ in self.terms)
        bound = self.bound or unmasked
        return replace(self, shape=shape, terms=tidy(terms, self.length), motion=motion, bound=bound)

    def select(self, dim: int, index: int) -> "Reach":
        """Return the reach at one position of an axis, which is removed."""
        index %= self.shape[dim]
        shape = (*self.shape[:dim], *self.shape[dim + 1 :])
        return self.take(dim, strided(self.shape[dim], index, index + 1)).reshape(shape)

    def permute(self, order: Sequence[int]) -> "Reach":
        """Return the reach with its axes in another order, in which axis `order[i]` comes i-th."""
        shape = tuple(self.shape[d] for d in order)
        terms = []
        for dims, sets in self.terms:
            later = [order.index(d) for d in dims]
            places = sorted(range(len(dims)), key=later.__getitem__)
            if places != list(range(len(dims))):
                turned = sets.array.transpose(0, *[p + 1 for p in places])
                sets = IndexSets(turned, solid=sets.solid)
            terms.append((tuple(sorted(later)), sets))
        dim = order.index(self.motion.dim) if self.motion.kind == "moving" else None
        return replace(self, shape=shape, terms=tuple(terms), motion=self.motion.renamed(dim))

    def reshape(self, shape: tuple[int, ...]) -> "Reach":
        """Return the reach with its units in another shape."""
        if shape == self.shape:
            return self
        if not prod(shape) or not self.terms:
            return Reach(self.length, shape, unknown=self.unknown)
        layout = groups(self.shape, shape)
        terms, bound = [], self.bound
        for dims, sets in self.terms:
            (later, moved), exact = layout.move(dims, sets, self.shape, shape, LARGEST)
            terms.append((later, moved))
            bound |= not exact
        motion = layout.carry(self.motion, self.shape, shape, {d for dims, _ in self.terms for d in dims})
        return replace(self, shape=shape, terms=tidy(terms, self.length), motion=motion, bound=bound)

    def broadcast(self, shape: tuple[int, ...]) -> "Reach":
        """Return the reach with new axes in front and axes of one position repeated, as `expand`."""
        new = len(shape) - len(self.shape)
        if not new:
            return self if shape == self.shape else replace(self, shape=shape)
        terms = tuple((tuple(d + new for d in dims), sets) for dims, sets in self.terms)
        motion = self.motion.renamed(self.motion.dim + new)
        return replace(self, shape=shape, terms=terms, motion=motion)

    def dense(self) -> tuple[tuple[int, ...], Array]:
        """Return the axes of the map that the sets depend on, and all terms as one array over them.

        Where this array would be too large, it is one unit that reads everything that any unit reads.
        """
        dims = tuple(sorted({d for dims, _ in self.terms for d in dims}))
        if len(self.terms) == 1:
            return dims, self.terms[0][1].array
        terms: Iterable[Term] = self.terms
        if len(self.terms[0][1].array) * prod(self.shape[d] for d in dims) > LARGEST:
            for dim in dims:
                terms = least(terms, dim)
            dims = ()
        return dims, _dense(replace(self, terms=tuple(terms)), dims, self.terms[0][1].array)

    def spans(self) -> tuple[tuple[int, ...], NDArray[np.int32], NDArray[np.int32]]:
        """Return the axes that hulls depend on, and the first and the last position of each unit.

        The first position of a unit that reads nothing is after its last.
        """
        if not self.terms:
            return (), np.array(0, np.int32), np.array(-1, np.int32)
        dims, array = self.dense()
        return dims, array[0], -array[1]

    @property
    def solid(self) -> bool:
        """Whether every unit of a hull is known to read all positions from its first to its last."""
        if not all(sets.solid for _, sets in self.terms):
            return False
        if len(self.terms) < 2:
            return True
        dims = tuple(sorted({d for own, _ in self.terms for d in own}))
        if prod(self.shape[d] for d in dims) > LARGEST:
            return False
        arrays = [expanded(own, sets, dims) for own, sets in self.terms]
        before = accumulate(arrays, np.minimum)
        return all(touching(first, second) for first, second in zip(before, arrays[1:], strict=False))

    def loosened(self) -> "Reach":
        """Return the same reach as a bound."""
        return replace(self, bound=True)


def source(shape: tuple[int, ...], dim: int, *, support: bool = False) -> Reach:
    """Return the reach of the network's input along its own axis `dim`."""
    return from_points(points(shape[dim], support=support), shape, dim)


def from_points(sets: IndexSets, shape: tuple[int, ...], dim: int) -> Reach:
    """Return the same as `source`, from point sets that several axes of the same size share."""
    moving = Motion("moving", dim)
    return Reach(shape[dim], shape, tidy([((dim,), sets)], shape[dim]), moving)


def nothing(length: int, shape: tuple[int, ...]) -> Reach:
    """Return the reach of parameters and constants, which read nothing of the input."""
    return Reach(length, shape)


def unknown(length: int, shape: tuple[int, ...], operation: str) -> Reach:
    """Return the reach of an operation without a reader."""
    return Reach(length, shape, unknown=operation)


def union(reaches: Sequence[Reach], shape: tuple[int, ...]) -> Reach:
    """Return the reach of a sum or product of maps that broadcast to `shape`."""
    parts = [reach.broadcast(shape) for reach in reaches]
    if len(parts) == 1:
        return parts[0]
    terms = parts[0].terms
    if any(part.terms is not terms for part in parts):
        terms = tidy([term for part in parts for term in part.terms], parts[0].length)
    motion = combine([part.motion for part in parts])
    return Reach(parts[0].length, shape, terms, motion, any(part.bound for part in parts), _blame(parts))


def concat(parts: Sequence[Reach], dim: int) -> Reach:
    """Return the reach of maps that are concatenated along `dim`."""
    sizes = [part.shape[dim] for part in parts]
    shape = (*parts[0].shape[:dim], sum(sizes), *parts[0].shape[dim + 1 :])
    motion = combine(part.motion.shifted(dim, sum(sizes[:i])) for i, part in enumerate(parts) if part.terms)
    along = [part for part in parts if part.motion.kind == "moving" and part.motion.dim == dim]
    if len(along) > 1:
        motion = UNEVEN
    base = Reach(parts[0].length, shape, (), motion, any(p.bound for p in parts), _blame(parts))
    alike = {tuple((dims, id(sets)) for dims, sets in part.terms) for part in parts}
    if len(alike) == 1 and not any(dim in dims for dims, _ in parts[0].terms):
        return replace(base, terms=parts[0].terms)
    rest = sorted({d for part in parts for dims, _ in part.terms for d in dims} - {dim})
    payload = next(sets for part in parts for _, sets in part.terms).array
    if payload.shape[0] * shape[dim] * prod(shape[d] for d in rest) > LARGEST:
        loose = [least(part.terms, dim) for part in parts]
        terms = tidy([term for each in loose for term in each], base.length)
        return replace(base, terms=terms, bound=True)
    dims = tuple(sorted([dim, *rest]))
    arrays = [_dense(part, dims, payload) for part in parts]
    solid = all(part.solid for part in parts)
    joined = IndexSets(np.concatenate(arrays, axis=dims.index(dim) + 1), solid=solid)
    return replace(base, terms=tidy([(dims, joined)], base.length))


def _dense(part: Reach, dims: tuple[int, ...], like: Array) -> Array:
    """Return the sets of a map as one array over its axes `dims`."""
    sizes = tuple(part.shape[d] for d in dims)
    fill = IndexSets(like[:, ...]).nothing
    array = np.full((like.shape[0], *sizes), fill, dtype=like.dtype)
    for own, sets in part.terms:
        np.minimum(array, expanded(own, sets, dims), out=array)
    return array


def _blame(parts: Sequence[Reach]) -> str:
    """Return the first operation without a reader among those that the maps passed through."""
    return next((part.unknown for part in parts if part.unknown), "")


def flood(reaches: Sequence[Reach], shape: tuple[int, ...]) -> Reach:
    """Return the bound of a map whose every unit may read everything that the given maps read."""
    terms = [term for reach in reaches for term in reach.terms]
    for dim in sorted({d for dims, _ in terms for d in dims}):
        terms = least(terms, dim)
    length = reaches[0].length
    motion = WHOLE if terms else NOTHING
    return Reach(length, shape, tidy(terms, length), motion, True, _blame(reaches))
