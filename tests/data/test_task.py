"""Measures and their scales."""

from netwright.data.task import Measure, Scale
from netwright.data.tasks.classification import ErrorRate


def test_the_scale_of_a_measure_is_all_but_its_metric():
    measure = Measure(ErrorRate(), unit="%", factor=100.0, counted=True, label="wrong")
    assert measure.scale == Scale(unit="%", factor=100.0, counted=True, label="wrong")
    assert isinstance(measure, Scale)
