"""What a target is: its kind decides how it is stored, augmented and drawn.

One convention holds for coordinates, and each source converts to it once: the edges of a pixel lie at
integers, its centre at +0.5, and boxes are half-open. The first coordinate is that of the first axis.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import torch
from torch import Tensor


class Kind(StrEnum):
    """The kinds of targets; a data set may hold several at once.

    CLASS      one class for an example: int64 [n]
    MASK       one class for a position: an integer map of the size of its image, in 2-D or 3-D
    INSTANCES  one object number for a position, 0 for the background: an integer map
    POINTS     named points: float [n, k, dims], NaN where a point is missing
    BOXES      boxes with a class, any number for an example: float [m, 2 dims + 1], lows, highs, class
    IMAGE      an image as the target: as an input
    VALUE      numbers: float [n, k]
    SERIES     the continuation of a series: float [n, c, steps]
    """

    CLASS = "class"
    MASK = "mask"
    INSTANCES = "instances"
    POINTS = "points"
    BOXES = "boxes"
    IMAGE = "image"
    VALUE = "value"
    SERIES = "series"

    @property
    def spatial(self) -> bool:
        """Whether such a target moves when its image is moved."""
        return self not in (Kind.CLASS, Kind.VALUE)

    @property
    def dense(self) -> bool:
        """Whether there is a value for each position of the image."""
        return self in (Kind.MASK, Kind.INSTANCES, Kind.IMAGE)


IGNORE = -1
"""The class index of positions of a mask that count for nothing, after the stored values were replaced."""

Stack = Tensor | Sequence[Tensor]
"""Examples: one tensor [n, ...] where all have one shape, else a sequence of tensors (memory maps too)."""


def stacked(stack: Stack) -> Tensor:
    """Return examples as one tensor [n, ...]; a sequence of tensors of one shape is copied."""
    return stack if isinstance(stack, Tensor) else torch.stack(list(stack))


def class_indices(mask: Tensor, values: Sequence[int], ignore: Sequence[int] = ()) -> Tensor:
    """Return the class indices (int64) of a map of stored values, with `IGNORE` for every other value.

    Args:
        mask: Stored values, of any integer type and shape.
        values: The stored value of each class, in order; without any, the values are the indices.
        ignore: Values that count for nothing, whether or not they are among `values`.

    >>> class_indices(torch.tensor([0, 255, 7], dtype=torch.uint8), (0, 255)).tolist()
    [0, 1, -1]
    """
    stored = mask.long()
    if mask.dtype != torch.uint8:
        return _searched(stored, values, ignore)
    table = _searched(torch.arange(256, device=stored.device), values, ignore)
    return table[stored]  # several times as fast as a search for every position


def _searched(stored: Tensor, values: Sequence[int], ignore: Sequence[int]) -> Tensor:
    """Return the class indices of stored values by a search in the values of the classes."""
    indices = stored
    if values:
        ordered, order = torch.tensor(values, device=stored.device).sort()
        place = torch.searchsorted(ordered, stored).clamp_(max=len(values) - 1)
        indices = torch.where(ordered[place] == stored, order[place], IGNORE)
    for value in ignore:
        indices = torch.where(stored == value, IGNORE, indices)
    return indices


Targets = Mapping[Kind, Tensor | Sequence[Tensor]]
"""The targets of a batch by kind; BOXES are a sequence of tensors, every other kind is one tensor."""
