"""Intervals over examples: against brute force, scipy, and a truth that is known."""

import numpy as np
import pytest
import scipy.stats
import torch
from scipy.sparse import csr_array
from torchmetrics import MaxMetric

from netwright.data.metrics.confusion import Confusion, mean_dice
from netwright.data.task import Measure
from netwright.data.tasks.classification import ErrorRate
from netwright.training import bootstrap
from netwright.training.bootstrap import Units, interval, intervals, spread
from netwright.training.evaluation import evaluation
from netwright.training.recipe import Recipe
from netwright.training.run import train
from netwright.training.states import Counted
from tiny import SPEC, cells, data

ERROR = Measure(ErrorRate(), counted=True)


def errors(wrong, groups=()) -> Counted:
    """The error rate of examples that are wrong or not."""
    states = csr_array(np.stack([np.asarray(wrong, float), np.ones(len(wrong))], 1))
    counted = Counted(0.0, {"error": ErrorRate()}, {"error": states}, np.zeros(0), groups, len(wrong))
    counted.whole(["error"])
    return counted


def matrices(tables: torch.Tensor) -> Counted:
    """Mean Dice of examples with these confusion matrices [n, k, k]."""
    metric = Confusion(tables.shape[1], mean_dice)
    states = csr_array(tables.flatten(1).double().numpy())
    counted = Counted(0.0, {"dice": metric}, {"dice": states}, np.zeros(0), (), len(tables))
    counted.whole(["dice"])
    return counted


def test_the_values_are_those_of_the_row_of_the_training(tmp_path):
    run = train(SPEC, data(), Recipe(steps=4, batch=16, augment=()), out=tmp_path)
    ready = evaluation(run, data(), run.load())
    for part in ("valid", "test"):
        found = intervals(ready, part)["error"]
        assert found.value == run.best[part]["error"]
        assert 0 <= found.low < found.value < found.high <= 1
        assert found == intervals(ready, part)["error"], "the seed is fixed"
        assert found.over == "40 examples"


def test_the_interval_of_a_share_is_that_of_scipy():
    wrong = np.arange(60) % 3 == 0
    found = interval(errors(wrong), "error", ERROR)
    known = scipy.stats.bootstrap((wrong,), np.mean, method="percentile", n_resamples=20_000, rng=0)
    assert found.value == np.float32(1 / 3)
    assert (found.low, found.high) == pytest.approx(known.confidence_interval, abs=0.02)


def test_a_ratio_of_sums_is_resampled_as_a_loop_over_drawn_examples_does():
    """The Dice coefficient of a set is not the mean of those of its examples."""
    generator = torch.Generator().manual_seed(1)
    tables = torch.randint(0, 50, (25, 3, 3), generator=generator) + 40 * torch.eye(3, dtype=torch.int64)
    tables[0] *= 20
    found = interval(matrices(tables), "dice", Measure(Confusion(3, mean_dice)))
    drawn = torch.randint(25, (4000, 25), generator=generator)
    scores = np.array([mean_dice(tables[one].sum(0)).item() for one in drawn])
    assert found.value == mean_dice(tables.sum(0)).item()
    assert (found.low, found.high) == pytest.approx(np.quantile(scores, [0.025, 0.975]), abs=0.01)


def test_the_interval_covers_a_known_truth_about_as_often_as_it_says():
    random = np.random.default_rng(5)
    covered = 0
    for _ in range(150):
        found = interval(errors(random.random(120) < 0.25), "error", ERROR)
        covered += found.low <= 0.25 <= found.high
    assert 0.88 <= covered / 150 <= 0.99


def test_examples_of_a_group_are_drawn_together_which_alone_covers_the_truth():
    """Within a group nearly all are wrong or right, so 400 examples tell no more than the 40 groups."""
    random = np.random.default_rng(6)
    groups = [str(number // 10) for number in range(400)]
    covered = {"groups": 0, "examples": 0}
    for _ in range(60):
        wrong = np.repeat(random.random(40) < 0.3, 10)
        for kind, known in (("groups", groups), ("examples", ())):
            found = interval(errors(wrong, known), "error", ERROR)
            covered[kind] += found.low <= 0.3 <= found.high
    assert covered["groups"] >= 50
    assert covered["examples"] <= 40


@pytest.mark.parametrize("share", [0, 1])
@pytest.mark.parametrize("size", [2, 40])
def test_no_error_at_all_has_the_exact_interval(share, size):
    found = interval(errors(np.full(size, share)), "error", ERROR)
    exact = scipy.stats.binomtest(share * size, size).proportion_ci(method="exact")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))


def test_a_score_without_a_value_in_a_resample_is_left_out_of_it():
    """Class 1 occurs in one of two examples: a quarter of the resamples lack it."""
    counted = errors([1, 0])
    metric = counted.metrics["error"]
    found = spread(counted, ["error"], lambda: {"error of 1": 1.0} if metric.compute() else {"none": 0.5})
    assert (found["error of 1"].low, found["error of 1"].high) == (1, 1)
    nothing = spread(errors([0, 1]), ["error"], lambda: {"x": float("nan")})["x"]
    assert (nothing.low, nothing.high) == (None, None)


def test_what_cannot_be_resampled_has_no_interval_and_says_why(tmp_path):
    alone = interval(errors([1]), "error", ERROR)
    assert (alone.value, alone.low, alone.over) == (1, None, "1 example, which gives no interval")
    counted = errors([1, 0])
    counted = Counted(0.0, {"top": MaxMetric()}, {}, counted.losses, (), 2)
    counted.metrics["top"].update(torch.tensor([0.5]))
    top = interval(counted, "top", Measure(MaxMetric()))
    assert (top.value, top.high) == (0.5, None)
    assert top.over == "no interval: the state of `top` is not a sum over examples"


@pytest.mark.parametrize(
    ("count", "groups", "units", "text"),
    [
        (12, (), 12, "12 examples, which are few, so the intervals are too narrow"),
        (1000, [str(k) for k in range(1000)], 1000, "1,000 examples"),
        (6, "aaaaaa", 6, "6 examples of one group, which are alike, so the intervals are too narrow"),
        (6, "aaabbb", 6, "6 examples of 2 groups, which are alike, so the intervals are too narrow"),
        (12, "aabbccddeeff", 6, "6 groups of 12 examples, which are few, so the intervals are too narrow"),
        (44, [str(k // 2) for k in range(44)], 22, "22 groups of 44 examples"),
    ],
)
def test_what_is_resampled_is_said(count, groups, units, text):
    chosen = Units.of(count, groups)
    assert (chosen.count, chosen.text) == (units, text)
    assert sorted(set(chosen.numbers.tolist())) == list(range(units))


def test_the_states_are_put_back_after_the_resamples():
    counted = errors([1, 0, 0, 0])
    interval(counted, "error", ERROR)
    assert counted.metrics["error"].compute() == 0.25


def test_segmentation_by_tiles_has_an_interval_for_each_metric(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "RESAMPLES", 50)
    recipe = Recipe(batch=2, steps=2, patch=(16, 16), augment=(), device="cpu")
    run = train("unet_same(width=2, depth=1)", cells(9, 40), recipe, out=tmp_path)
    found = intervals(evaluation(run, cells(9, 40), run.load()), "test")
    assert {name: each.value for name, each in found.items()} | {
        "loss": run.best["test"]["loss"]
    } == run.best["test"]
    assert all(each.low <= each.value <= each.high for each in found.values())
