"""The scores of a set by their names, and the threshold that validation chooses."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from netwright.data.metrics.confusion import counts, dice
from netwright.data.metrics.details import ClassDetails, MapDetails


def count(details, output: Tensor, truth: Tensor) -> None:
    for metric in details.metrics.values():
        metric.update(output, truth)


def hot(mask: Tensor, classes: int) -> Tensor:
    return 9 * F.one_hot(mask, classes).movedim(-1, 1).float()


def cells(gap: float) -> tuple[Tensor, Tensor]:
    """Outputs in which a membrane has a gap with that probability of a cell, and the truth without a gap."""
    truth = torch.ones(1, 10, 11, dtype=torch.int64)
    truth[:, :, 5] = 0
    probability = torch.where(truth == 1, 0.95, 0.02).double()
    probability[:, 5, 5] = gap
    return torch.stack([torch.zeros_like(probability), probability.logit()], 1), truth


def test_each_class_that_occurs_has_its_scores_and_absent_ones_none():
    truth = torch.tensor([[[0, 0, 2, 2], [0, 0, 2, 2], [0, 0, 0, 2], [0, 0, 0, 0]]])
    predicted = truth.roll(1, 2)
    details = MapDetails(("ground", "never", "roof"))
    count(details, hot(predicted, 3), truth)
    scores = details.compute()
    expected = dice(counts(predicted, truth, 3))
    assert scores["dice of ground"] == expected[0].item()
    assert scores["dice of roof"] == expected[2].item()
    assert scores["dice"] == pytest.approx((expected[0] + expected[2]).item() / 2)
    assert not [name for name in scores if "never" in name]
    assert {"iou", "iou of roof", "boundary_f", "boundary_f of ground", "pixel_error"} <= set(scores)
    assert not {"v_rand", "threshold"} & set(scores), "three classes are not cells and membranes"


def test_the_threshold_of_the_test_set_is_the_one_that_validation_chose():
    valid, test = MapDetails(("membrane", "cell")), cells(gap=0.7)
    count(valid, *cells(gap=0.6))
    chosen = valid.compute()["threshold"]
    assert 0.6 <= chosen < 0.95
    tuned = valid.tuned()
    count(tuned, *test)
    scores = tuned.compute()
    assert scores["threshold"] == chosen
    alone = MapDetails(("membrane", "cell"))
    count(alone, *test)
    assert alone.compute()["v_rand"] == 1
    assert (scores["v_rand"] == 1) == (chosen >= 0.7)


def test_signals_have_no_regions():
    details = MapDetails(("off", "on"))
    truth = torch.tensor([[0, 1, 1, 0, 1]])
    count(details, hot(truth, 2), truth)
    scores = details.compute()
    assert scores["dice"] == scores["boundary_f"] == 1
    assert "v_rand" not in scores


def test_volumes_have_them_plane_by_plane():
    output, truth = cells(gap=0.02)
    details = MapDetails(("membrane", "cell"))
    count(details, output.unsqueeze(2).expand(-1, -1, 3, -1, -1), truth.unsqueeze(1).expand(-1, 3, -1, -1))
    assert details.compute()["v_rand"] == 1
    assert details.regions.slices == 3


def test_the_error_of_each_class_is_the_share_of_its_examples_that_went_elsewhere():
    truth = torch.tensor([0, 0, 0, 1, 1, 3])
    details = ClassDetails(("ant", "bee", "cat", "dog"))
    count(details, F.one_hot(torch.tensor([0, 1, 3, 1, 1, 0]), 4).float(), truth)
    assert details.compute() == {
        "error of ant": pytest.approx(2 / 3),
        "error of bee": 0,
        "error of dog": 1,
    }
    assert not details.tunable
    assert details.tuned().classes == details.classes
