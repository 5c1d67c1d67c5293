"""Batches of a data set that is held in memory as a whole, as uint8 on the device that trains.

Which examples make which batch is a function of seed and epoch, so that no state has to be stored.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from netwright.data.augment import build
from netwright.data.examples import Data, Split
from netwright.training.randomness import derive
from netwright.training.recipe import Recipe

if TYPE_CHECKING:
    from lightning_fabric import Fabric

Augment = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


class Loader:
    """Takes batches out of memory by index, augments them as a whole, and normalises them on `device`.

    `share` is (rank, processes): each process takes every n-th example of every batch, where n is the number
    of processes.
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
        std = torch.where(std > 0, std, 1.0)  # a constant channel carries no information
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
        """Yield the augmented, normalised batches of `epoch` after the first `skip`."""
        split = self.splits["train"]
        whole = self.share * self.world
        for indices in order(seed, epoch, len(split), self.batch)[skip:]:
            mine = indices[self.rank : whole : self.world].to(self.device, non_blocking=True)
            inputs, targets = (stored.index_select(0, mine) for stored in (split.inputs, split.targets))
            inputs, targets = self.augment(inputs, targets)
            yield self.normalised(inputs), targets

    def evaluate(self, name: str) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield every example of a split once, normalised and not augmented."""
        split = self.splits[name]
        inputs, targets = split.inputs[self.rank :: self.world], split.targets[self.rank :: self.world]
        for chunk, target in zip(inputs.split(self.batch), targets.split(self.batch), strict=True):
            yield self.normalised(chunk), target

    def normalised(self, inputs: Tensor) -> Tensor:
        """Return stored values [b, c, ...] as floats with mean 0 and deviation 1 over the training split."""
        if inputs.ndim == 4:
            inputs = inputs.contiguous(memory_format=self.memory_format)
        return torch.addcmul(self.offset, inputs.to(self.scale.dtype), self.scale)


def placed(fabric: "Fabric", data: Data, recipe: Recipe) -> Loader:
    """Return a loader on the device of `fabric`, with the augmentation and the formats of `recipe`."""
    assert recipe.batch != "auto"
    reduced = {"16-true": torch.float16, "bf16-true": torch.bfloat16, "64-true": torch.float64}
    return Loader(
        data,
        build(recipe.augment, input=data.input, mean=data.mean),
        batch=recipe.batch,
        device=fabric.device,
        dtype=reduced.get(recipe.precision, torch.float32),
        memory_format=torch.channels_last if recipe.channels_last else torch.contiguous_format,
        share=(fabric.global_rank, fabric.world_size),
    )


def batches(count: int, batch: int) -> int:
    """Return the steps that an epoch takes over `count` examples.

    Every batch is full, and what remains of an epoch's shuffle is left out: a batch of a few examples spoils
    batch statistics, and another shape is compiled again. Fewer examples than `batch` make one batch.

    >>> batches(1257, 64), batches(50, 64)
    (19, 1)
    """
    return max(1, count // batch)


def order(seed: int, epoch: int, count: int, batch: int) -> list[Tensor]:
    """Return the indices of each batch of `epoch` (from 0)."""
    generator = torch.Generator().manual_seed(derive(seed, "order", epoch))
    shuffled = torch.randperm(count, generator=generator)
    return list(shuffled.split(min(batch, count))[: batches(count, batch)])
