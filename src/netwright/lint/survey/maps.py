"""What is kept of a mask: how often each value occurs, how often inside a region, and a digest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

SLAB = 2**24
"""The most positions that are looked at together."""
KEPT = 4096
"""The most distinct values that are kept for one mask: the most frequent ones."""


@dataclass(frozen=True)
class Values:
    """The values of one or several masks.

    Args:
        counts: The number of positions of each value.
        inner: The number of those whose neighbours, up to four in the plane of the last two axes, all have
            the same value. Values that lie only along edges have none.
    """

    counts: Mapping[int, int]
    inner: Mapping[int, int]

    @property
    def total(self) -> int:
        """The number of positions."""
        return sum(self.counts.values())

    def share(self, value: int) -> float:
        """The share of the positions that have a value."""
        return self.counts.get(value, 0) / max(self.total, 1)

    def __add__(self, other: "Values") -> "Values":
        return Values(_added(self.counts, other.counts), _added(self.inner, other.inner))


NOTHING = Values({}, {})


@dataclass(frozen=True, eq=False)
class MaskFacts:
    """What is kept of one mask: its size, its values and a digest of them (equal masks, equal digests)."""

    space: tuple[int, ...]
    values: Values
    digest: bytes


def mask_facts(mask: np.ndarray) -> MaskFacts:
    """Return what is kept of an integer mask [*space], which may be a memory map and is read once."""
    digest = blake2b(f"{mask.shape}".encode(), digest_size=16)
    values = NOTHING
    for slab in _slabs(mask):
        digest.update(np.ascontiguousarray(slab).data)
        values += Values(_counted(slab), _counted(slab[_inside(slab)]))
    if len(values.counts) > KEPT:
        kept = sorted(values.counts, key=lambda value: -values.counts[value])[:KEPT]
        values = Values(
            {value: values.counts[value] for value in kept}, {v: values.inner.get(v, 0) for v in kept}
        )
    return MaskFacts(tuple(mask.shape), values, digest.digest())


def edges(mask: np.ndarray) -> np.ndarray:
    """Return where a mask [h, w] changes its value towards the next row or column, as booleans [h, w]."""
    changes = np.zeros(mask.shape, bool)
    changes[:-1] |= mask[:-1] != mask[1:]
    changes[:, :-1] |= mask[:, :-1] != mask[:, 1:]
    return changes


def _slabs(mask: np.ndarray) -> Iterator[np.ndarray]:
    """Yield a mask as stacks of planes [k, h, w], of a bounded number of positions."""
    planes = mask.reshape(-1, *mask.shape[-2:]) if mask.ndim > 1 else mask.reshape(1, 1, -1)
    step = max(1, SLAB // max(planes[0].size, 1))
    for start in range(0, len(planes), step):
        yield np.asarray(planes[start : start + step])


def _inside(planes: np.ndarray) -> np.ndarray:
    """Return where all neighbours in the plane have the same value, as booleans of the same shape."""
    same = np.ones(planes.shape, bool)
    for axis in (1, 2):
        lower = [slice(None)] * 3
        upper = [slice(None)] * 3
        lower[axis], upper[axis] = slice(None, -1), slice(1, None)
        equal = planes[tuple(lower)] == planes[tuple(upper)]
        same[tuple(lower)] &= equal
        same[tuple(upper)] &= equal
    return same


def _counted(values: np.ndarray) -> dict[int, int]:
    if values.dtype == np.uint8 or values.dtype == bool:
        counts = np.bincount(values.ravel(), minlength=0)
        present = np.flatnonzero(counts)
        return dict(zip(present.tolist(), counts[present].tolist(), strict=True))
    present, counts = np.unique(values, return_counts=True)
    return dict(zip(present.tolist(), counts.tolist(), strict=True))


def _added(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    return {value: one.get(value, 0) + other.get(value, 0) for value in sorted({*one, *other})}
