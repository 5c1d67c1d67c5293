"""Which examples make which batch: a function of seed and epoch, so that it needs no state."""

import torch
from torch import Tensor

from netwright.training.randomness import derive


def batches(count: int, batch: int) -> int:
    """Steps an epoch takes over `count` examples.

    Every batch is full, and the rest of each epoch's shuffle is left out of it: a batch of a few examples
    spoils batch statistics, and an odd shape is compiled again. Fewer examples than `batch` are one batch.

    >>> batches(1257, 64), batches(50, 64)
    (19, 1)
    """
    return max(1, count // batch)


def order(seed: int, epoch: int, count: int, batch: int) -> list[Tensor]:
    """Indices of each batch of `epoch` (from 0)."""
    generator = torch.Generator().manual_seed(derive(seed, "order", epoch))
    shuffled = torch.randperm(count, generator=generator)
    return list(shuffled.split(min(batch, count))[: batches(count, batch)])
