"""Scores of segmentation that a reader wants at the end: by class, of outlines, and of regions."""

from collections.abc import Sequence

import torch
from torch import Tensor

from netwright.data.metrics.boundary import BoundaryF
from netwright.data.metrics.confusion import Confusion, dice, iou, pixel_error
from netwright.data.metrics.regions import Regions


class Details:
    """Every score of a set by its name; they cost too much to be computed in each epoch.

    Dice, IoU and boundary F of each class that occurs. Where there are two classes and planes, V_rand and
    V_info of the regions of the second class at the threshold that is best on the set; `tuned` keeps that
    threshold, so that the one of a test set is chosen on the validation set.
    """

    def __init__(self, classes: Sequence[str], regions: Regions | None = None):
        self.classes = tuple(classes)
        self.confusion = Confusion(len(self.classes), lambda matrix: matrix)
        self.boundary = BoundaryF(len(self.classes))
        self.regions = regions or Regions()

    def to(self, device: torch.device) -> "Details":
        """Move the counts to a device."""
        for metric in (self.confusion, self.boundary, self.regions):
            metric.to(device)
        return self

    def update(self, output: Tensor, target: Tensor) -> None:
        """Count a batch of outputs [b, k, *space] and targets [b, *space]."""
        self.confusion.update(output, target)
        self.boundary.update(output, target)
        if self._has_regions(target):
            self.regions.update(output, target)

    def compute(self) -> dict[str, float]:
        """Return the scores by name; what does not occur is left out."""
        matrix = self.confusion.compute()
        scores = {"pixel_error": pixel_error(matrix).item()}
        for name, values in (
            ("dice", dice(matrix)),
            ("iou", iou(matrix)),
            ("boundary_f", self.boundary.compute()),
        ):
            scores[name] = values.nanmean().nan_to_num().item()
            scores |= {
                f"{name} of {label}": value
                for label, value in zip(self.classes, values.tolist(), strict=True)
                if value == value
            }
        if self.regions.update_count:
            table = self.regions.compute()
            row = int(table[:, 0].argmax())
            scores |= dict(zip(("v_rand", "v_info"), table[row].tolist(), strict=True))
            scores["threshold"] = self.regions.thresholds[row]
        return scores

    def tuned(self) -> "Details":
        """Return new, empty details with the threshold that is best here."""
        return Details(self.classes, self.regions.best() if self.regions.update_count else None)

    def _has_regions(self, target: Tensor) -> bool:
        return len(self.classes) == 2 and target.ndim >= 3
