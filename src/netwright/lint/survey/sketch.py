"""What is kept of inputs: moments, extremes, a digest and a small grey picture; not the pixels."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from hashlib import blake2b

import numpy as np

SIDES = {1: 256, 2: 16, 3: 6}
"""The size of the small picture along each axis, by the number of axes of an input."""
ELEMENTS = 2**23
"""The most values that are held as floats at a time."""


@dataclass(frozen=True, eq=False)
class Sketch:
    """What is kept of a batch of n inputs with c channels.

    Args:
        low: The smallest finite value of each channel [n, c]; infinity where there is none.
        high: The largest finite value of each channel [n, c]; minus infinity where there is none.
        mean: The mean of the finite values of each channel [n, c].
        std: Their standard deviation [n, c].
        bad: The number of values that are NaN or infinite [n, c].
        small: The small grey pictures [n, k], with mean 0 and norm 1, so that the product of two of them is
            their correlation; zeros for a constant picture.
        digests: A digest of the values of each input: equal digests mean equal inputs.
    """

    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    bad: np.ndarray
    small: np.ndarray
    digests: tuple[bytes, ...]


def sketch(inputs: np.ndarray) -> Sketch:
    """Return what is kept of inputs [n, c, *space], which may be a memory map and are read once.

    >>> sketch(np.array([[[1.0, 3.0, np.nan]]])).mean
    array([[2.]])
    """
    digests = [blake2b(f"{inputs.dtype} {inputs.shape[1:]}".encode(), digest_size=16) for _ in inputs]
    pieces, rows = [], []
    for slab in _slabs(inputs):
        for digest, example in zip(digests, slab, strict=True):
            digest.update(np.ascontiguousarray(example).data)
        values = slab.astype(np.float32 if slab.dtype.itemsize < 4 else np.float64)
        finite = np.isfinite(values) if slab.dtype.kind == "f" else None
        pieces.append(_Sums.of(values, finite))
        grey = (values if finite is None else np.where(finite, values, 0)).mean(1, dtype=np.float32)
        rows.append(_reduced(grey, range(2, grey.ndim)))
    sums = reduce(_Sums.plus, pieces)
    small = _unit(_reduced(np.concatenate(rows, 1), [1]).reshape(len(inputs), -1))
    count = np.maximum(sums.count, 1)
    mean = sums.total / count
    std = np.sqrt(np.maximum(sums.squares / count - mean**2, 0))
    flat = sums.high <= sums.low
    digested = tuple(digest.digest() for digest in digests)
    return Sketch(sums.low, sums.high, mean, np.where(flat, 0, std), sums.bad, small, digested)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums over a slab, which add up: arrays [n, c]."""

    low: np.ndarray
    high: np.ndarray
    total: np.ndarray
    squares: np.ndarray
    count: np.ndarray
    bad: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, finite: np.ndarray | None) -> "_Sums":
        axes = tuple(range(2, values.ndim))
        size = int(np.prod(values.shape[2:]))
        if finite is None or finite.all():
            count = np.full(values.shape[:2], size)
            low, high = values.min(axes), values.max(axes)
        else:
            count = finite.sum(axes)
            low = values.min(axes, where=finite, initial=np.inf)
            high = values.max(axes, where=finite, initial=-np.inf)
            values = np.where(finite, values, 0)
        total = values.sum(axes, dtype=np.float64)
        squares = np.square(values, dtype=np.float64).sum(axes)
        return cls(low.astype(np.float64), high.astype(np.float64), total, squares, count, size - count)

    def plus(self, other: "_Sums") -> "_Sums":
        return _Sums(
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
            self.total + other.total,
            self.squares + other.squares,
            self.count + other.count,
            self.bad + other.bad,
        )


def _slabs(inputs: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the inputs in pieces along their first axis of space, of a bounded number of values."""
    length = max(inputs.shape[2], 1)
    step = max(1, ELEMENTS * length // max(inputs.size, 1))
    for start in range(0, length, step):
        yield np.asarray(inputs[:, :, start : start + step])


def _reduced(grey: np.ndarray, axes: range | list[int]) -> np.ndarray:
    """Return block means along some axes of space, of the size of the small picture."""
    side = SIDES.get(grey.ndim - 1, SIDES[3])
    for axis in axes:
        size = grey.shape[axis]
        starts = [k * size // side for k in range(side)]
        counts = np.maximum(np.diff([*starts, size]), 1)
        shape = [-1 if k == axis else 1 for k in range(grey.ndim)]
        grey = np.add.reduceat(grey, starts, axis) / counts.reshape(shape)
    return grey


def _unit(small: np.ndarray) -> np.ndarray:
    """Return vectors with mean 0 and norm 1; a vector that is constant, up to rounding, becomes zeros."""
    centred = small - small.mean(1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    floor = 1e-5 * np.linalg.norm(small, axis=1, keepdims=True)
    return np.where(norm > floor, centred / np.maximum(norm, 1e-30), 0).astype(np.float32)
