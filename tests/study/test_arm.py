"""An arm: its metrics over seeds, and why its trials failed."""

import pytest

from study.examples import HOT, PLAIN, arm, segmentation, trial


def test_the_error_is_that_of_the_end_of_training():
    assert arm("a", trial(0, [0.1, 0.3])).values("test", "error") == {0: 0.3}


def test_failed_trials_enter_no_mean_and_no_curve(make):
    mixed = arm("a", trial(0, [0.2]), trial(1, [0.9], "killed"), trial(2, [0.4]))
    assert mixed.spread("test", "error").mean == pytest.approx(0.3)
    assert [error.seeds for _, error in mixed.curve("test", "error")] == [2]
    assert mixed.failures == ["seed 1: killed"]
    assert make(mixed).failed


def test_seeds_that_all_failed_alike_are_reported_once():
    assert HOT.failures == ["the loss is nan at step 3"]


def test_a_study_without_a_failure_has_not_failed(make):
    assert not make(arm("a", trial(0, [0.2]))).failed


def test_a_curve_averages_each_epoch_over_the_seeds():
    curve = [(epoch, round(error.mean, 4)) for epoch, error in PLAIN.curve("test", "error")]
    assert curve == [(1, 0.8667), (2, 0.5667)]


def test_a_curve_averages_the_seeds_that_reached_an_epoch():
    """Early stopping ends runs at different epochs."""
    uneven = arm("a", trial(0, [0.4, 0.2]), trial(1, [0.2]))
    assert [error.seeds for _, error in uneven.curve("test", "error")] == [2, 1]


def test_each_metric_of_the_rows_has_a_spread_of_its_own():
    unet = segmentation("unet", 0.8, 0.9)
    assert unet.spread("test", "dice").mean == pytest.approx(0.85)
    assert unet.spread("train", "dice").mean == pytest.approx(0.95)
    assert unet.spread("test", "pixel_error").mean == pytest.approx(0.0375)


def test_a_metric_without_any_value_has_neither_a_spread_nor_a_curve():
    empty = segmentation("unet", float("nan"))
    assert empty.spread("test", "dice") is None
    assert list(empty.curve("test", "dice")) == []
