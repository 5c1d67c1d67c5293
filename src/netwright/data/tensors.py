"""One split of a data set, decoded, and the moments of its inputs."""

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
