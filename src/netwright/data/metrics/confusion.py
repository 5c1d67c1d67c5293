"""Scores of segmentation from one confusion matrix of the whole set.

`matrix[true, predicted]` counts positions, as integers. A class that occurs neither in the truth nor in the
prediction has no Dice coefficient and no IoU, and is left out of their means.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torchmetrics import Metric

from netwright.data.kinds import IGNORE

Matrix = Int[Tensor, "k k"]


def counts(predicted: Int[Tensor, " *any"], true: Int[Tensor, " *any"], classes: int) -> Matrix:
    """Return how many positions of each true class (row) were predicted as each class (column).

    >>> counts(torch.tensor([0, 1, 1, 0]), torch.tensor([0, 1, 0, IGNORE]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    cells = torch.where(true == IGNORE, classes**2, true * classes + predicted)
    return torch.bincount(cells.flatten(), minlength=classes**2 + 1)[:-1].reshape(classes, classes)


def dice(matrix: Matrix) -> Float[Tensor, " k"]:
    """Return 2 TP / (2 TP + FP + FN) of each class, NaN for one that does not occur (Dice 1945)."""
    return 2 * matrix.diag().double() / (matrix.sum(0) + matrix.sum(1))


def iou(matrix: Matrix) -> Float[Tensor, " k"]:
    """Return TP / (TP + FP + FN) of each class, NaN for one that does not occur (Jaccard 1912)."""
    hits = matrix.diag().double()
    return hits / (matrix.sum(0) + matrix.sum(1) - hits)


def pixel_error(matrix: Matrix) -> Float[Tensor, ""]:
    """Return the share of positions whose class is wrong, 0 where no position counts."""
    total = matrix.sum()
    return (total - matrix.trace()).double() / total.clamp(min=1)


def mean_dice(matrix: Matrix) -> Float[Tensor, ""]:
    """Return the mean Dice coefficient of the classes that occur, 0 where none does.

    >>> mean_dice(torch.tensor([[2, 1, 0], [0, 1, 0], [0, 0, 0]]))
    tensor(0.7333, dtype=torch.float64)
    """
    return dice(matrix).nanmean().nan_to_num()


def mean_iou(matrix: Matrix) -> Float[Tensor, ""]:
    """Return the mean IoU of the classes that occur, 0 where none does."""
    return iou(matrix).nanmean().nan_to_num()


class Confusion(Metric):
    """A score of the confusion matrix of all batches; the state is the matrix, which processes sum.

    Args:
        classes: The number of classes.
        score: The score of the matrix.
    """

    full_state_update = False
    is_differentiable = False
    matrix: Tensor

    def __init__(self, classes: int, score: Callable[[Tensor], Tensor]):
        super().__init__()
        self.classes, self.score = classes, score
        self.add_state("matrix", torch.zeros(classes, classes, dtype=torch.int64), dist_reduce_fx="sum")

    def update(self, output: Float[Tensor, "b k *space"], target: Int[Tensor, "b *space"]) -> None:
        """Count the class with the highest output at each position that is not ignored."""
        # torch's argmax takes ten times as long over an axis that is not the last one
        self.matrix += counts(output.max(1).indices, target, self.classes)

    def states(
        self, output: Float[Tensor, "b k *space"], target: Int[Tensor, "b *space"]
    ) -> dict[str, Int[Tensor, "b k k"]]:
        """Return the matrix of each example of a batch."""
        size = self.classes**2
        predicted, true = (map.reshape(len(target), -1) for map in (output.max(1).indices, target))
        cells = torch.where(true == IGNORE, size, true * self.classes + predicted)
        places = torch.arange(len(cells), device=cells.device)[:, None] * (size + 1) + cells
        each = torch.bincount(places.flatten(), minlength=len(cells) * (size + 1)).reshape(len(cells), -1)
        return {"matrix": each[:, :-1].reshape(-1, self.classes, self.classes)}

    def compute(self) -> Tensor:
        """Return the score of all batches since the last reset."""
        return self.score(self.matrix.cpu())  # double precision, which not every device has
