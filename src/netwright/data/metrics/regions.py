"""V_rand and V_info: how well the regions of a map agree, from exact counts (Arganda-Carreras et al. 2015).

Both compare two divisions of the same pixels into regions, whatever the regions are called. They are made for
cells that touch at thin membranes, where a gap of a few pixels joins two cells and hardly changes the share
of wrong pixels. The regions are the 4-connected components of the cells. Those of the prediction are grown to
the nearest region first, so that the thickness of a predicted membrane does not count. Pixels outside the
cells of the truth take no part, ignored ones included. The paper calls this foreground-restricted, after
border thinning; it thins borders to one pixel, and here nothing is left of them.
"""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, label
from torch import Tensor
from torchmetrics import Metric

Labels = NDArray[np.int64]
THRESHOLDS = (*(step / 20 for step in range(1, 20)), 0.97, 0.98, 0.99)
"""The probabilities of a cell at which a prediction is cut into regions.

They are finer near 1, because one weak position of a membrane joins two cells.
"""


def regions(cells: NDArray[np.bool_]) -> Labels:
    """Return the number, from 1, of the 4-connected region of each pixel, 0 outside of the cells.

    >>> regions(np.array([[True, False], [False, True]])).tolist()
    [[1, 0], [0, 2]]
    """
    return label(cells, output=np.int64)[0]


def grown(labels: Labels) -> Labels:
    """Return the regions without borders: each pixel outside of them belongs to the nearest region."""
    if not labels.any():
        return labels
    nearest = distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    return labels[tuple(nearest)]


def contingency(true: Labels, predicted: Labels) -> NDArray[np.int64]:
    """Return how many pixels are in region i of the truth (row) and j of the prediction (column).

    Pixels outside of the regions of the truth (0) are left out, so row 0 stands for region 1.
    """
    inside = true > 0
    rows, columns = int(true.max(initial=0)), int(predicted.max(initial=0)) + 1
    cells = (true[inside] - 1) * columns + predicted[inside]
    return np.bincount(cells, minlength=rows * columns).reshape(rows, columns)


def v_rand(table: NDArray[np.int64]) -> float:
    """Return the Rand F-score of a contingency table: pairs of pixels in one region in both (eq. 6).

    It is sum n_ij² / (half the sum of n_i² + half that of n_j²), from integers without a limit. Equal regions
    score 1, and so does a truth without any.
    """
    joint, true, predicted = (int((part.astype(object) ** 2).sum()) for part in _nonzero(table))
    return 2 * joint / (true + predicted) if true + predicted else 1.0


def v_info(table: NDArray[np.int64]) -> float:
    """Return the information F-score of a contingency table (eq. 8): 2 I / (H(true) + H(found)).

    I is the mutual information and H the entropy of the regions. One region that is also predicted as one has
    no entropy, and scores 1.
    """
    joint, true, predicted = (_entropy(part) for part in _nonzero(table))
    return 2 * (true + predicted - joint) / (true + predicted) if true + predicted else 1.0


def _nonzero(table: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the counts of pairs of regions, of regions of the truth and of the prediction, without zeros."""
    return [part[part > 0] for part in (table, table.sum(1), table.sum(0))]


def _entropy(counts: NDArray[np.int64]) -> float:
    """Return the entropy in nats; 0 without a count."""
    total = int(counts.sum())
    return float(np.log(total) - (counts * np.log(counts)).sum() / total) if len(counts) > 1 else 0.0


class Regions(Metric):
    """V_rand and V_info of the regions of class 1, the mean over the slices of the set, at each threshold.

    The slices are the planes of the last two axes: images, and the sections of a volume. The state is the
    sums over slices [threshold, 2] and their number.
    """

    full_state_update = False
    is_differentiable = False
    higher_is_better = True
    sums: Tensor
    slices: Tensor

    def __init__(self, thresholds: tuple[float, ...] = THRESHOLDS):
        super().__init__()
        self.thresholds = thresholds
        self.add_state("sums", torch.zeros(len(thresholds), 2, dtype=torch.float64), dist_reduce_fx="sum")
        self.add_state("slices", torch.tensor(0), dist_reduce_fx="sum")

    def update(self, output: Float[Tensor, "b 2 *space"], target: Int[Tensor, "b *space"]) -> None:
        """Cut a batch of logits at each threshold and compare the regions of slices; signals have none."""
        if target.ndim < 3:
            return
        scores = output.float().softmax(1)[:, 1].flatten(0, -3).cpu().numpy()
        truths = target.flatten(0, -3).cpu().numpy()
        for score, truth in zip(scores, truths, strict=True):
            true = regions(truth == 1)
            values = [compared(true, score > cut) for cut in self.thresholds]
            self.sums += torch.tensor(values, dtype=torch.float64, device=self.sums.device)
        self.slices += len(scores)

    def compute(self) -> Float[Tensor, "thresholds 2"]:
        """Return V_rand and V_info at each threshold."""
        return self.sums / self.slices.clamp(min=1)

    def best(self) -> "Regions":
        """Return a new metric with the one threshold at which V_rand is highest here."""
        return Regions((self.thresholds[int(self.compute()[:, 0].argmax())],))


def compared(true: Labels, cells: NDArray[np.bool_]) -> tuple[float, float]:
    """Return V_rand and V_info of the regions of predicted cells against the regions of the truth."""
    table: Any = contingency(true, grown(regions(cells)))
    return v_rand(table), v_info(table)
