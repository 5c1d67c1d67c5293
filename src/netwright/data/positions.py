"""Where each class occurs in the masks of the training split: a sample, to centre windows on rare classes.

The sample is drawn in one pass, a part of a mask at a time, so that masks may be memory maps of any size.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from netwright.data import cache
from netwright.data.examples import Data
from netwright.data.kinds import Kind, Stack, class_indices
from netwright.data.progress import shown
from netwright.errors import DataError

CHUNK = 1 << 20
"""Positions of a mask that are looked at together."""
TOTAL, MOST, LEAST = 1 << 22, 1024, 16
"""Positions that are kept of all masks together, and of one class in one mask."""
SEED = 20210201


@dataclass(frozen=True, eq=False)
class Positions:
    """A sample of the positions of each class in each mask.

    Args:
        counts: int64 [n, classes]: how many positions have the class.
        samples: int64 [n, classes, m]: positions in row-major order, drawn with replacement; -1 where the
            class does not occur.
    """

    counts: Tensor
    samples: Tensor

    def draw(self, examples: Tensor, chances: Tensor) -> Tensor:
        """Return a position int64 [w] in each of the masks `examples` [w], -1 where no class occurs.

        The class is drawn uniformly from those in the mask, without the most frequent one, which windows at
        random places show already; then a position of this class.

        Args:
            examples: Numbers of masks.
            chances: Two numbers from 0 to 1 for each, [w, 2].
        """
        counts = self.counts[examples]
        candidates = counts > 0
        several = candidates.sum(1) > 1
        candidates[several, counts[several].argmax(1)] = False
        order = candidates.int().argsort(dim=1, descending=True, stable=True)
        which = (chances[:, 0] * candidates.sum(1)).long()
        chosen = order.gather(1, which[:, None])[:, 0]
        sample = (chances[:, 1] * self.samples.shape[2]).long()
        return self.samples[examples, chosen, sample]


def positions(data: Data) -> Positions:
    """Return the positions of the training masks of `data`, from the cache where it has them.

    Raises:
        DataError: A mask holds a class index beyond the classes of the data.
    """
    masks = data.train.targets[Kind.MASK]
    classes = len(data.classes)
    key = f"positions-{data.digest}-{classes}"
    if known := cache.read(key):
        return Positions(known[0]["counts"], known[0]["samples"])
    many = max(LEAST, min(MOST, TOTAL // max(1, len(masks) * classes)))
    counts = torch.zeros(len(masks), classes, dtype=torch.int64)
    samples = torch.full((len(masks), classes, many), -1)
    random = np.random.default_rng(SEED)
    for number, start, chunk in _chunks(masks):
        indices = class_indices(chunk, data.values, data.ignore).flatten()
        if int(indices.max()) >= classes:
            raise DataError(
                f"mask {number} of {data.name} holds class {int(indices.max())}, but there are {classes} "
                "classes; name them all, or list the value as one to ignore."
            )
        _enter(indices.numpy(), start, counts[number].numpy(), samples[number].numpy(), random)
    cache.write(key, {"counts": counts, "samples": samples}, {"classes": list(data.classes)})
    return Positions(counts, samples)


def _chunks(masks: Stack) -> Iterator[tuple[int, int, Tensor]]:
    """Yield parts of every mask in order, as its number, the position of the first value, and the values."""
    work = [
        (number, start, max(1, CHUNK // max(1, mask[0].numel())))
        for number, mask in enumerate(masks)
        for start in range(0, len(mask), max(1, CHUNK // max(1, mask[0].numel())))
    ]
    for number, start, rows in shown(work, "looking for each class"):
        mask = masks[number]
        yield number, start * mask[0].numel(), mask[start : start + rows]


def _enter(
    indices: np.ndarray, start: int, counts: np.ndarray, samples: np.ndarray, random: np.random.Generator
) -> None:
    """Enter a part of a mask, so that `samples` remains a uniform sample of what has been entered.

    Each place of the sample takes a position of the new part with the probability that a uniform draw from
    all positions so far falls into it (a reservoir, with replacement).
    """
    classes = len(counts)
    new = np.bincount(indices[indices >= 0], minlength=classes)
    small = indices.astype(np.int16) if classes < 1 << 15 else indices  # which NumPy sorts by radix
    order = (
        np.argsort(small, kind="stable") if np.count_nonzero(new) > 1 or new.sum() < len(indices) else None
    )
    first = len(indices) - new.sum()  # the positions that count for nothing are sorted before the others
    for index in np.flatnonzero(new):
        counts[index] += new[index]
        replaced = random.random(samples.shape[1]) * counts[index] < new[index]
        drawn = first + random.integers(new[index], size=int(replaced.sum()))
        samples[index, replaced] = start + (drawn if order is None else order[drawn])
        first += new[index]
