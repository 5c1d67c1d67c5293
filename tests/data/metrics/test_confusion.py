"""The confusion matrix and its scores against torchmetrics, brute force and batches of every size."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torchmetrics.functional.classification import (
    multiclass_accuracy,
    multiclass_confusion_matrix,
    multiclass_f1_score,
    multiclass_jaccard_index,
)

from netwright.data.kinds import IGNORE
from netwright.data.metrics.confusion import (
    Confusion,
    counts,
    dice,
    iou,
    mean_dice,
    mean_iou,
    pixel_error,
)
from strategies import several


def maps(seed: int, space: tuple[int, ...], classes: int, examples: int = 5) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    output = torch.randn(examples, classes, *space, generator=generator)
    return output, torch.randint(-1, classes, (examples, *space), generator=generator)


DRAWN = (st.integers(0, 10_000), several(st.integers(2, 5)), st.integers(2, 5))


@given(*DRAWN)
def test_the_counts_are_those_of_torchmetrics(seed, space, classes):
    output, target = maps(seed, space, classes)
    predicted = output.argmax(1)
    expected = multiclass_confusion_matrix(predicted, target, classes, ignore_index=IGNORE)
    assert torch.equal(counts(predicted, target, classes), expected)


@given(*DRAWN)
def test_the_scores_are_those_of_torchmetrics(seed, space, classes):
    output, target = maps(seed, space, classes)
    predicted = output.argmax(1)
    matrix = counts(predicted, target, classes)
    options = {"num_classes": classes, "ignore_index": IGNORE}
    occurs = matrix.sum(0) + matrix.sum(1) > 0
    for ours, theirs in ((dice, multiclass_f1_score), (iou, multiclass_jaccard_index)):
        expected = theirs(predicted, target, average="none", **options).double()
        torch.testing.assert_close(ours(matrix)[occurs], expected[occurs])
        assert ours(matrix)[~occurs].isnan().all()
    accuracy = multiclass_accuracy(predicted, target, average="micro", **options)
    assert pixel_error(matrix).item() == pytest.approx(1 - accuracy.item(), abs=1e-6)


def test_a_class_that_never_occurs_is_left_out_and_one_that_is_only_predicted_counts_as_zero():
    matrix = torch.tensor([[8, 0, 2], [0, 0, 0], [0, 0, 0]])
    assert dice(matrix).tolist()[::2] == [16 / 18, 0]
    assert mean_dice(matrix).item() == pytest.approx(8 / 18)
    assert mean_iou(matrix).item() == pytest.approx(8 / 20)


def test_the_score_is_of_the_whole_set_not_a_mean_of_batches():
    """A class in the second batch only: a mean over batches would score the first one 0 or 1 for it."""
    output, target = maps(2, (6,), 3, examples=7)
    target[:4] = target[:4].clamp(max=1)
    scores = []
    for size in (1, 2, 7):
        metric = Confusion(3, mean_dice)
        for part, truth in zip(output.split(size), target.split(size), strict=True):
            metric.update(part, truth)
        scores.append(metric.compute().item())
    assert scores[0] == scores[1] == scores[2]
    metric.reset()
    assert metric.matrix.sum() == 0


@pytest.mark.parametrize("score", [mean_dice, mean_iou, pixel_error])
def test_a_set_in_which_nothing_counts_scores_zero(score):
    metric = Confusion(2, score)
    metric.update(torch.zeros(2, 2, 3), torch.full((2, 3), IGNORE))
    assert metric.compute().item() == 0


def test_processes_sum_the_matrix():
    metric = Confusion(2, pixel_error)
    assert metric._reductions["matrix"](torch.ones(2, 3, 3)).tolist() == [[2, 2, 2]] * 3
    assert metric.matrix.dtype == torch.int64
