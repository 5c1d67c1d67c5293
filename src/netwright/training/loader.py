"""Batches of a data set that lives whole in memory, as uint8 on the device that trains."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from netwright.data.examples import Data, Split
from netwright.training.order import batches, order

Augment = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


class Loader:
    """Takes batches out of memory by index, augments them whole, and normalises them on `device`.

    `share` is (rank, processes): each process takes every so-manieth example of every batch.
    """

    def __init__(
        self,
        data: Data,
        augment: Augment,
        *,
        batch: int,
        device: torch.device,
        dtype: torch.dtype = torch.float32,
        memory_format: torch.memory_format = torch.contiguous_format,
        share: tuple[int, int] = (0, 1),
    ):
        self.splits = {
            name: Split(split.inputs.to(device), split.targets.to(device))
            for name, split in (("train", data.train), ("valid", data.valid), ("test", data.test))
        }
        self.augment, self.batch, self.device, self.memory_format = augment, batch, device, memory_format
        self.rank, self.world = share
        axes = (1, -1) + (1,) * (data.train.inputs.ndim - 2)
        std = torch.tensor(data.std, dtype=torch.float64).reshape(axes)
        std = torch.where(std > 0, std, 1.0)  # a channel that never varies carries nothing
        mean = torch.tensor(data.mean, dtype=torch.float64).reshape(axes)
        self.scale = (1 / (255 * std)).to(device, dtype)
        self.offset = (-mean / std).to(device, dtype)

    @property
    def batches(self) -> int:
        """Steps of one epoch."""
        return batches(len(self.splits["train"]), self.batch)

    @property
    def share(self) -> int:
        """Examples of a training batch that this process takes."""
        return min(self.batch, len(self.splits["train"])) // self.world

    def train(self, seed: int, epoch: int, skip: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """Augmented, normalised batches of `epoch` behind the first `skip`."""
        split = self.splits["train"]
        whole = self.share * self.world
        for indices in order(seed, epoch, len(split), self.batch)[skip:]:
            mine = indices[self.rank : whole : self.world].to(self.device, non_blocking=True)
            inputs, targets = (stored.index_select(0, mine) for stored in (split.inputs, split.targets))
            inputs, targets = self.augment(inputs, targets)
            yield self.normalised(inputs), targets

    def evaluate(self, name: str) -> Iterator[tuple[Tensor, Tensor]]:
        """Every example of a split once, normalised and not augmented."""
        split = self.splits[name]
        inputs, targets = split.inputs[self.rank :: self.world], split.targets[self.rank :: self.world]
        for chunk, target in zip(inputs.split(self.batch), targets.split(self.batch), strict=True):
            yield self.normalised(chunk), target

    def normalised(self, inputs: Tensor) -> Tensor:
        """Stored values [b, c, ...] as floats with mean 0 and deviation 1 over the training split."""
        if inputs.ndim == 4:
            inputs = inputs.contiguous(memory_format=self.memory_format)
        return torch.addcmul(self.offset, inputs.to(self.scale.dtype), self.scale)
