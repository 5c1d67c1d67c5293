"""Decoded examples: the three splits of a data set, with what a training needs to know about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from netwright.data.kinds import Kind, Stack


@dataclass(frozen=True, eq=False)
class Split:
    """Inputs [n, c, *space], of one to three dimensions and any numeric type, and their targets by kind.

    Where all inputs have one shape and fit into memory they are one tensor; otherwise they are a sequence of
    tensors [c, *space], which may be memory maps. A target of kind MASK holds the values as they are stored;
    `Data.values` says which class each one means. `groups` names what each example belongs to (a volume, a
    video, a patient), and is empty where examples are independent.
    """

    inputs: Stack
    targets: Mapping[Kind, Stack]
    groups: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shape of each input, without the batch."""
        return [tuple(example.shape) for example in self.inputs]


@dataclass(frozen=True, eq=False)
class Data:
    """A data set ready to train on.

    `mean` and `std` are per channel, in units in which `range` is 0..1, and come from the training split
    alone; `range` is (0, 255) and (0, 65535) for images of 8 and 16 bits, and the extremes of the training
    split for every other type. `classes` are the names of the classes of CLASS or MASK. `values` are the
    values of a mask that stand for them, in the same order (none: 0, 1, ...), and `ignore` those that count
    for nothing. `layout` says in one line what was understood of the files. Equal digests mean equal tensors
    in the same splits. `skipped` counts the images that could not be read and were left out on request.
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
    range: tuple[float, float] = (0.0, 255.0)
    values: tuple[int, ...] = ()
    ignore: tuple[int, ...] = ()
    layout: str = ""

    @property
    def input(self) -> tuple[int, ...]:
        """Shape of one input, without the batch; where sizes differ, the smallest along each axis."""
        inputs = self.train.inputs
        if isinstance(inputs, Tensor):
            return tuple(inputs.shape[1:])
        return tuple(map(min, zip(*self.train.shapes, strict=True)))

    @property
    def channels(self) -> int:
        """Channels of every input."""
        return self.input[0]

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of targets that the examples have."""
        return frozenset(self.train.targets)

    @property
    def uniform(self) -> bool:
        """Whether the inputs of every split have one shape and are held in memory."""
        return all(isinstance(split.inputs, Tensor) for split in (self.train, self.valid, self.test))


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
