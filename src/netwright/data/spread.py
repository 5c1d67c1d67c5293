"""Mean, deviation and extremes of images of any type, without holding them in memory."""

from collections.abc import Iterator

import numpy as np

CHUNK = 2**18  # values that are converted to float64 at once
FIXED = {np.dtype(np.uint8): (0.0, 255.0), np.dtype(np.uint16): (0.0, 65535.0)}
"""The range of the types whose values are brightness; that of every other type is what occurs."""


def blocks(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield an array [c, *space] in parts along its first axis of space."""
    rows = max(1, CHUNK * values.shape[1] // max(1, values.size))
    for start in range(0, values.shape[1], rows):
        yield values[:, start : start + rows]


class Spread:
    """Collects the moments of each channel over images of several shapes (Chan, Golub & LeVeque 1983)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean: np.ndarray = np.zeros(0)
        self.squares: np.ndarray = np.zeros(0)
        self.low, self.high = float("inf"), float("-inf")
        self.types: set[np.dtype] = set()

    def add(self, values: np.ndarray) -> None:
        """Take in a part [c, *space] of an image."""
        flat = values.reshape(len(values), -1).astype(np.float64)
        count = flat.shape[1]
        low, high = float(flat.min()), float(flat.max())
        mean = flat.mean(1)
        flat -= mean[:, None]
        squares = np.einsum("ij,ij->i", flat, flat)
        if not self.count:
            self.mean, self.squares = np.zeros(len(values)), np.zeros(len(values))
        step = mean - self.mean
        total = self.count + count
        self.squares += squares + step**2 * (self.count * count / total)
        self.mean += step * (count / total)
        self.count = total
        self.low, self.high = min(self.low, low), max(self.high, high)
        self.types.add(values.dtype)

    def range(self) -> tuple[float, float]:
        """Return what stands for 0 and 1: the range of the type for 8 and 16 bits, else the extremes."""
        if len(self.types) == 1 and (fixed := FIXED.get(next(iter(self.types)))):
            return fixed
        return (self.low, self.high) if self.high > self.low else (self.low, self.low + 1)

    def moments(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return mean and deviation of each channel, in units in which `range` is 0..1."""
        low, high = self.range()
        mean = (self.mean - low) / (high - low)
        std = np.sqrt(self.squares / self.count) / (high - low)
        return tuple(mean.tolist()), tuple(std.tolist())
