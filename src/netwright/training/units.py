"""The units of inputs: as stored, with the range of the data as 0..1, and normalised."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from netwright.data.kinds import Targets
from netwright.training.tiles import Tile


@dataclass(frozen=True, eq=False)
class Batch:
    """A batch for evaluation: whole examples, or one tile of an example.

    Args:
        inputs: Normalised inputs [b, c, *space].
        targets: Their targets.
        numbers: The numbers of the examples in their split.
        weight: How many examples the batch stands for; a tile is a part of one.
        tile: Of a tile, which positions of the output count; None where the inputs are whole examples.
    """

    inputs: Tensor
    targets: Targets
    numbers: Sequence[int]
    weight: float
    tile: Tile | None = None


class Statistics(Protocol):
    """What normalisation depends on: a `Data` has it, and so has what a run keeps of its data."""

    @property
    def input(self) -> tuple[int, ...]:
        """Shape of one input, without the batch."""

    @property
    def mean(self) -> tuple[float, ...]:
        """Mean of each channel, in units in which the range is 0..1."""

    @property
    def std(self) -> tuple[float, ...]:
        """Deviation of each channel, in the same units."""

    @property
    def range(self) -> tuple[float, float]:
        """The stored values that stand for 0 and 1."""


class Units:
    """Converts stored values to what augmentation takes, and that to what the network reads.

    Augmentation takes bytes as they are, and all other values as floats with the range of the data as 0..1.
    """

    def __init__(
        self,
        data: Statistics,
        device: torch.device,
        dtype: torch.dtype,
        memory_format: torch.memory_format = torch.contiguous_format,
    ):
        axes = (1, -1) + (1,) * (len(data.input) - 1)
        std = torch.tensor(data.std, dtype=torch.float64).reshape(axes)
        std = torch.where(std > 0, std, 1.0)  # a constant channel carries no information
        mean = torch.tensor(data.mean, dtype=torch.float64).reshape(axes)
        self.low, self.high = data.range
        self.bytes = (1 / (255 * std)).to(device, dtype)
        self.floats = (1 / std).to(device, dtype)
        self.offset = (-mean / std).to(device, dtype)
        self.device, self.memory_format = device, memory_format

    def __call__(self, stored: Tensor) -> Tensor:
        """Return stored values with the range of the data as 0..1; values of 8 bits stay as they are."""
        if stored.dtype == torch.uint8:
            return stored
        return (stored.float() - self.low) / ((self.high - self.low) or 1.0)

    def normalised(self, inputs: Tensor) -> Tensor:
        """Return what `__call__` gave [b, c, ...] with mean 0 and deviation 1 over the training split."""
        if inputs.ndim == 4:
            inputs = inputs.contiguous(memory_format=self.memory_format)
        scale = self.bytes if inputs.dtype == torch.uint8 else self.floats
        return torch.addcmul(self.offset, inputs.to(scale.dtype), scale)
