"""Boundary F: how well the outlines of the classes agree (Csurka, Larlus & Perronnin 2013)."""

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, distance_transform_edt
from torch import Tensor
from torchmetrics import Metric

from netwright.data.kinds import IGNORE

Mask = NDArray[np.bool_]


def outline(region: Mask) -> Mask:
    """Return the positions of a region that touch, along an axis, a position outside of it.

    >>> outline(np.array([False, True, True, True, False, True])).tolist()
    [False, True, False, True, False, True]
    """
    return region & ~binary_erosion(region, border_value=1)


def matched(outlines: Mask, others: Mask, tolerance: float) -> int:
    """Return how many positions of an outline lie within `tolerance` of the other one."""
    if not others.any():
        return 0
    return int((distance_transform_edt(~others)[outlines] <= tolerance).sum())


class BoundaryF(Metric):
    """The F-score of the outline of each class over the whole set.

    Precision is the share of the predicted outline that lies within `tolerance` positions (the Euclidean
    distance, in 3-D too) of the true one, recall the reverse; both are counted over all examples. The edges
    of an image are not outlines, and ignored positions belong to no class, in the truth and the prediction.
    """

    full_state_update = False
    is_differentiable = False
    higher_is_better = True
    hits: Tensor
    lengths: Tensor

    def __init__(self, classes: int, tolerance: float = 2.0):
        super().__init__()
        self.classes, self.tolerance = classes, tolerance
        for name in ("hits", "lengths"):
            self.add_state(name, torch.zeros(classes, 2, dtype=torch.int64), dist_reduce_fx="sum")

    def update(self, output: Float[Tensor, "b k *space"], target: Int[Tensor, "b *space"]) -> None:
        """Compare the outlines of each class, example by example."""
        masks = torch.where(target == IGNORE, IGNORE, output.max(1).indices).cpu().numpy()
        for predicted, true in zip(masks, target.cpu().numpy(), strict=True):
            for index in range(self.classes):
                mine, theirs = outline(predicted == index), outline(true == index)
                hits = matched(mine, theirs, self.tolerance), matched(theirs, mine, self.tolerance)
                self.hits[index] += self.hits.new_tensor(hits)
                self.lengths[index] += self.lengths.new_tensor([int(mine.sum()), int(theirs.sum())])

    def compute(self) -> Float[Tensor, " k"]:
        """Return the F-score of each class: NaN without outlines, 0 with one in one of the two only."""
        precision, recall = (self.hits.double() / self.lengths.clamp(min=1)).unbind(1)
        score = 2 * precision * recall / (precision + recall).clamp(min=1e-12)
        return torch.where(self.lengths.sum(1) > 0, score, torch.nan)
