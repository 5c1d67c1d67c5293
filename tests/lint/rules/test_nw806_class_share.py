"""Missing classes and dominant ones."""

import numpy as np
import pytest

from arrays import classified, masked
from netwright.lint.rules.nw806_class_share import look


def reported(survey):
    return [(remark.severity, remark.message) for remark in look(survey)]


def test_a_class_that_is_only_held_out_is_an_error():
    survey = classified([0, 0, 1, 1], classes=("a", "b", "c"))
    assert reported(survey) == [("error", "the train split has no example of the class `c`.")]


def test_a_class_that_occurs_nowhere_is_an_info():
    survey = masked(np.array([[0, 1, 1]]), classes=("sky", "road", "tram"))
    assert ("info", "no split has an example of the class `tram`.") in reported(survey)


@pytest.mark.parametrize(("rare", "expected"), [(2, True), (10, False)])
def test_a_class_that_fills_nearly_everything_is_an_info(rare, expected):
    mask = np.zeros((10, 10), int)
    mask.flat[:rare] = 1
    messages = [
        message
        for severity, message in reported(masked(mask, classes=("ground", "cell")))
        if severity == "info"
    ]
    assert any("`ground` is 98.0% of all training positions" in message for message in messages) == expected


def test_balanced_classes_are_not_reported():
    assert reported(classified([0, 1] * 5)) == []
    assert reported(classified([0] * 97 + [1])) != []
