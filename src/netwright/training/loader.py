"""Batches of a data set that is held in memory as a whole, in its own type, on the device that trains.

Which examples make which batch is a function of seed and epoch, so that no state has to be stored.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from netwright.data.augment import augmentation
from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind, Stack, Targets, class_indices, stacked
from netwright.training.randomness import derive
from netwright.training.recipe import Recipe

if TYPE_CHECKING:
    from lightning_fabric import Fabric

Augment = Callable[[Tensor, Targets], tuple[Tensor, Targets]]


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
            name: _moved(split, device)
            for name, split in (("train", data.train), ("valid", data.valid), ("test", data.test))
        }
        self.values, self.ignore = data.values, data.ignore
        self.augment, self.batch, self.device, self.memory_format = augment, batch, device, memory_format
        self.rank, self.world = share
        self.units = Units(data, device, dtype)

    @property
    def batches(self) -> int:
        """Steps of one epoch."""
        return batches(len(self.splits["train"]), self.batch)

    @property
    def share(self) -> int:
        """Examples of a training batch that this process takes."""
        return min(self.batch, len(self.splits["train"])) // self.world

    def train(self, seed: int, epoch: int, skip: int = 0) -> Iterator[tuple[Tensor, Targets]]:
        """Yield the augmented, normalised batches of `epoch` after the first `skip`."""
        split = self.splits["train"]
        whole = self.share * self.world
        for indices in order(seed, epoch, len(split), self.batch)[skip:]:
            mine = indices[self.rank : whole : self.world].to(self.device, non_blocking=True)
            inputs, targets = self.augment(*self._batch(split, mine))
            yield self.normalised(inputs), targets

    def evaluate(self, name: str) -> Iterator[tuple[Tensor, Targets]]:
        """Yield every example of a split once, normalised and not augmented."""
        split = self.splits[name]
        for start in range(self.rank, len(split), self.batch * self.world):
            stop = min(start + self.batch * self.world, len(split))
            inputs, targets = self._batch(split, torch.arange(start, stop, self.world, device=self.device))
            yield self.normalised(inputs), targets

    def _batch(self, split: Split, indices: Tensor) -> tuple[Tensor, dict[Kind, Tensor]]:
        """Return a batch as augmentation takes it: of uint8, or of floats in units of the data's range."""
        inputs = self.units(taken(split.inputs, indices))
        targets = {kind: taken(stack, indices) for kind, stack in split.targets.items()}
        if Kind.MASK in targets:
            targets[Kind.MASK] = class_indices(targets[Kind.MASK], self.values, self.ignore)
        return inputs, targets

    def normalised(self, inputs: Tensor) -> Tensor:
        """Return a batch [b, c, ...] as floats with mean 0 and deviation 1 over the training split."""
        if inputs.ndim == 4:
            inputs = inputs.contiguous(memory_format=self.memory_format)
        return self.units.normalised(inputs)


class Units:
    """The units of the inputs of a data set: as stored, with its range as 0..1, and normalised."""

    def __init__(self, data: Data, device: torch.device, dtype: torch.dtype):
        axes = (1, -1) + (1,) * (len(data.input) - 1)
        std = torch.tensor(data.std, dtype=torch.float64).reshape(axes)
        std = torch.where(std > 0, std, 1.0)  # a constant channel carries no information
        mean = torch.tensor(data.mean, dtype=torch.float64).reshape(axes)
        self.low, self.high = data.range
        self.bytes = (1 / (255 * std)).to(device, dtype)
        self.floats = (1 / std).to(device, dtype)
        self.offset = (-mean / std).to(device, dtype)

    def __call__(self, stored: Tensor) -> Tensor:
        """Return stored values with the range of the data as 0..1; values of 8 bits stay as they are."""
        if stored.dtype == torch.uint8:
            return stored
        return (stored.float() - self.low) / ((self.high - self.low) or 1.0)

    def normalised(self, inputs: Tensor) -> Tensor:
        """Return what `__call__` gave with mean 0 and deviation 1 over the training split."""
        scale = self.bytes if inputs.dtype == torch.uint8 else self.floats
        return torch.addcmul(self.offset, inputs.to(scale.dtype), scale)


def taken(stack: Stack, indices: Tensor) -> Tensor:
    """Return the examples at `indices` as one tensor."""
    whole = stacked(stack)
    if whole.dtype == torch.uint16:  # torch cannot select from it, but the bits are the same
        return whole.view(torch.int16).index_select(0, indices).view(torch.uint16)
    return whole.index_select(0, indices)


def _moved(split: Split, device: torch.device) -> Split:
    targets = {kind: stacked(stack).to(device) for kind, stack in split.targets.items()}
    return Split(stacked(split.inputs).to(device), targets, split.groups)


def placed(fabric: "Fabric", data: Data, recipe: Recipe) -> Loader:
    """Return a loader on the device of `fabric`, with the augmentation and the formats of `recipe`."""
    assert recipe.batch != "auto"
    reduced = {"16-true": torch.float16, "bf16-true": torch.bfloat16, "64-true": torch.float64}
    return Loader(
        data,
        augmentation(recipe.augment, data),
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
