"""What a plan needs to know about the training split: sizes, spacing, classes and objects."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from netwright.data.examples import Data
from netwright.data.kinds import IGNORE, Kind, class_indices

EXAMPLES = 32
"""How many examples are looked at for classes and objects, evenly over the split."""
POSITIONS = 2**22
"""How many positions of one example are looked at: of larger ones, the middle."""
COARSE = 3
"""An axis is coarse if its spacing is more than this many times that of every other axis."""


@dataclass(frozen=True)
class Fingerprint:
    """The training split in numbers.

    Args:
        examples: how many there are.
        channels: channels of an input.
        smallest: the least size along each axis of space.
        median: the median size along each axis of space.
        largest: the greatest size along each axis of space.
        spacing: the target spacing along each axis; 1 where the data does not say.
        shares: share of the positions that each class has, by name; empty without a mask.
        objects: median extent of the objects of each class along each axis, by name, in positions; an object
            is a connected region, and the most frequent class is left out.
    """

    examples: int
    channels: int
    smallest: tuple[int, ...]
    median: tuple[int, ...]
    largest: tuple[int, ...]
    spacing: tuple[float, ...]
    shares: dict[str, float] = field(default_factory=dict)
    objects: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def positions(self) -> int:
        """Positions of an example of median size."""
        return prod(self.median)


def fingerprint(data: Data, spacing: Sequence[tuple[float, ...]] = ()) -> Fingerprint:
    """Return the fingerprint of a training split.

    Args:
        data: the data; of large masks only the middle is read.
        spacing: the distance between positions along each axis, of every example, or one for all.
    """
    shapes = np.array(data.train.shapes)
    sizes = shapes[:, 1:]
    shares, objects = _classes(data) if Kind.MASK in data.kinds else ({}, {})
    return Fingerprint(
        len(shapes),
        int(shapes[0, 0]),
        tuple(map(int, sizes.min(0))),
        tuple(map(int, np.median(sizes, axis=0))),
        tuple(map(int, sizes.max(0))),
        target_spacing(spacing) if spacing else (1.0,) * sizes.shape[1],
        shares,
        objects,
    )


def target_spacing(spacing: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """Return the median along each axis; along a coarse axis the 10th percentile (Isensee et al. 2021).

    >>> target_spacing([(1, 1), (2, 1), (3, 1)])
    (2.0, 1.0)
    >>> target_spacing([(5, 1, 1), (5, 1, 1), (1, 1, 1)])
    (1.8, 1.0, 1.0)
    """
    values = np.array(spacing, dtype=float)
    target = np.median(values, axis=0)
    axis = int(target.argmax())
    others = np.delete(target, axis)
    if len(others) and target[axis] > COARSE * others.max():
        target[axis] = np.percentile(values[:, axis], 10)
    return tuple(float(value) for value in target)


def _classes(data: Data) -> tuple[dict[str, float], dict[str, tuple[int, ...]]]:
    """Return the share of each class, and the median extent of its objects."""
    masks = data.train.targets[Kind.MASK]
    counts = np.zeros(len(data.classes))
    extents: list[list[tuple[int, ...]]] = [[] for _ in data.classes]
    step = max(1, len(masks) // EXAMPLES)
    for index in range(0, len(masks), step):
        classes = class_indices(_middle(masks[index]), data.values, data.ignore).numpy()
        counts += np.bincount(classes[classes != IGNORE].ravel(), minlength=len(counts))[: len(counts)]
        for place, sizes in enumerate(extents):
            regions = ndimage.find_objects(ndimage.label(classes == place)[0])
            sizes += [tuple(part.stop - part.start for part in region) for region in regions]
    shares = {name: count / counts.sum() for name, count in zip(data.classes, counts, strict=True)}
    objects = {
        name: tuple(int(size) for size in np.median(sizes, axis=0))
        for place, (name, sizes) in enumerate(zip(data.classes, extents, strict=True))
        if sizes and place != counts.argmax()
    }
    return shares, objects


def _middle(mask: Tensor) -> Tensor:
    """Return the middle of a mask, with at most `POSITIONS` positions; nothing else of it is read."""
    scale = min(1.0, (POSITIONS / max(1, mask.numel())) ** (1 / max(1, mask.ndim)))
    kept = [max(1, int(size * scale)) for size in mask.shape]
    starts = [(size - keep) // 2 for size, keep in zip(mask.shape, kept, strict=True)]
    part = mask[tuple(slice(start, start + keep) for start, keep in zip(starts, kept, strict=True))]
    return part if part.dtype != torch.uint16 else part.int()
