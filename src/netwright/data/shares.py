"""How much of a split belongs to each class."""

import torch
from jaxtyping import Int
from torch import Tensor

from netwright.data.examples import Data, Split
from netwright.data.kinds import IGNORE, Kind, class_indices, stacked

PART = 1 << 20
"""Positions of a map that are counted together."""


def sizes(split: Split, data: Data) -> Int[Tensor, " k"]:
    """Return the positions of each class of a split with masks, or else the examples of each class.

    Positions that are ignored count for nothing. Masks are read in parts: they need not fit into memory.

    Args:
        split: A split of `data`, with targets of the kind MASK or CLASS.
        data: The data, which says what the values of a mask mean.
    """
    classes = len(data.classes)
    if Kind.MASK not in split.targets:
        return stacked(split.targets[Kind.CLASS]).bincount(minlength=classes)
    result = torch.zeros(classes, dtype=torch.int64)
    for stored in split.targets[Kind.MASK]:
        for part in stored.split(max(1, PART // max(1, stored[0].numel()))):
            indices = class_indices(part, data.values, data.ignore).flatten()
            result += torch.bincount(indices - IGNORE, minlength=classes + 1)[1:]
    return result
