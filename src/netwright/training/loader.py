"""Batches of a data set that is held in memory as a whole, in its own type, on the device that trains.

Which examples make which batch is a function of seed and epoch, so that no state has to be stored.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind, Stack, Targets, class_indices, stacked
from netwright.training.randomness import derive
from netwright.training.units import Batch, Units

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
        units: Units,
        share: tuple[int, int] = (0, 1),
    ):
        self.splits = {
            name: _moved(split, units.device)
            for name, split in (("train", data.train), ("valid", data.valid), ("test", data.test))
        }
        self.values, self.ignore = data.values, data.ignore
        self.augment, self.batch, self.units = augment, batch, units
        self.rank, self.world = share

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
            mine = indices[self.rank : whole : self.world].to(self.units.device, non_blocking=True)
            inputs, targets = self.augment(*self._batch(split, mine))
            yield self.units.normalised(inputs), targets

    def evaluate(self, name: str) -> Iterator[Batch]:
        """Yield every example of a split once, normalised and not augmented."""
        split = self.splits[name]
        for start in range(self.rank, len(split), self.batch * self.world):
            stop = min(start + self.batch * self.world, len(split))
            numbers = range(start, stop, self.world)
            inputs, targets = self._batch(split, torch.tensor(numbers, device=self.units.device))
            yield Batch(self.units.normalised(inputs), targets, numbers, len(numbers))

    def _batch(self, split: Split, indices: Tensor) -> tuple[Tensor, dict[Kind, Tensor]]:
        """Return a batch as augmentation takes it: of uint8, or of floats in units of the data's range."""
        inputs = self.units(taken(split.inputs, indices))
        targets = {kind: taken(stack, indices) for kind, stack in split.targets.items()}
        if Kind.MASK in targets:
            targets[Kind.MASK] = class_indices(targets[Kind.MASK], self.values, self.ignore)
        return inputs, targets


def taken(stack: Stack, indices: Tensor) -> Tensor:
    """Return the examples at `indices` as one tensor."""
    whole = stacked(stack)
    if whole.dtype == torch.uint16:  # torch cannot select from it, but the bits are the same
        return whole.view(torch.int16).index_select(0, indices).view(torch.uint16)
    return whole.index_select(0, indices)


def _moved(split: Split, device: torch.device) -> Split:
    targets = {kind: stacked(stack).to(device) for kind, stack in split.targets.items()}
    return Split(stacked(split.inputs).to(device), targets, split.groups)


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
