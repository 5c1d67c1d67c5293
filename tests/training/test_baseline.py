"""The trivial answer beside the result."""

from math import nan
from types import SimpleNamespace

import pytest

from netwright.data.catalogue import choose
from netwright.data.kinds import Kind
from netwright.data.scale import Scale
from netwright.training.baseline import Baseline
from tiny import data

MEASURES = {
    "dice": Scale(label="dice", lower_is_better=False),
    "pixel_error": Scale(label="pixel error", unit="%", factor=100.0),
}


def test_that_of_a_task_is_computed_on_the_data():
    """The most frequent class of the training split, counted here in Python."""
    known = data()
    train = known.train.targets[Kind.CLASS].tolist()
    common = min(set(train), key=lambda label: (-train.count(label), label))
    test = known.test.targets[Kind.CLASS].tolist()
    baseline = Baseline.of(choose(known), known)
    assert baseline.answer == "most frequent class"
    assert baseline.values["error"] == pytest.approx(1 - test.count(common) / len(test))


def test_a_metric_without_a_value_is_left_out_of_the_words():
    task = SimpleNamespace(trivial="all background", baseline=lambda data: {"dice": nan, "pixel_error": 0.25})
    baseline = Baseline.of(task, None)
    assert baseline.values == {"dice": None, "pixel_error": 0.25}
    assert baseline.text(MEASURES) == "baseline (all background): pixel error 25.00 %"


def test_without_any_value_there_are_no_words():
    assert Baseline("nothing", {"dice": None}).text(MEASURES) == ""
    assert Baseline("nothing", {}).text(MEASURES) == ""
