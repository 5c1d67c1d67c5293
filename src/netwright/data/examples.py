"""Decoded examples: the three splits of a data set, with what a training needs to know about them."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Split:
    """Inputs as uint8 [n, c, h, w], and their targets, which are int64 [n] for classification."""

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, eq=False)
class Data:
    """A data set ready to train on.

    `mean` and `std` are per channel, in units of 0..1 (the stored value over 255), and come from the training
    split alone. Equal digests mean equal tensors in the same splits. `skipped` counts the images that could
    not be read and were left out on request.
    """

    name: str
    classes: tuple[str, ...]
    train: Split
    valid: Split
    test: Split
    mean: tuple[float, ...]
    std: tuple[float, ...]
    digest: str
    skipped: int = 0

    @property
    def input(self) -> tuple[int, ...]:
        """Shape of one input, without the batch."""
        return tuple(self.train.inputs.shape[1:])


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
