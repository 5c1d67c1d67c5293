"""Mean, deviation and range of inputs, exactly for bytes in memory and in parts for everything else."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

CHUNK = 2**18  # values that are converted to float64 at once
FIXED = {np.dtype(np.uint8): (0.0, 255.0), np.dtype(np.uint16): (0.0, 65535.0)}
"""The range of the types whose values are brightness; that of every other type is what occurs."""


def blocks(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield an array [c, *space] in parts along its first axis of space."""
    rows = max(1, CHUNK * values.shape[1] // max(1, values.size))
    for start in range(0, values.shape[1], rows):
        yield values[:, start : start + rows]


class Moments:
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

    def values(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return mean and deviation of each channel, in units in which `range` is 0..1."""
        low, high = self.range()
        mean = (self.mean - low) / (high - low)
        std = np.sqrt(self.squares / self.count) / (high - low)
        return tuple(mean.tolist()), tuple(std.tolist())


def moments(inputs: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and deviation of each channel of uint8 inputs [n, c, ...], in units of 0..1.

    The sums are integers, so the result is exact and does not depend on the order or on the threads.

    >>> moments(torch.tensor([[[0, 255]]], dtype=torch.uint8))
    ((0.5,), (0.5,))
    """
    pixels = inputs.numel() // inputs.shape[1]
    sums = torch.zeros(2, inputs.shape[1], dtype=torch.int64)
    for chunk in inputs.split(1024):  # the squares of the whole set at once would take eight times its memory
        values = chunk.transpose(0, 1).flatten(1).int()
        sums += torch.stack([values.sum(1), values.square().sum(1)])
    totals, squares = sums.tolist()
    mean = tuple(total / (pixels * 255) for total in totals)
    spread = [pixels * square - total**2 for total, square in zip(totals, squares, strict=True)]
    return mean, tuple(value**0.5 / (pixels * 255) for value in spread)
