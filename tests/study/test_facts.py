"""What a study says about its data and its task."""

from dataclasses import replace

import pytest

from netwright.data.catalogue import choose
from netwright.data.scale import Scale
from netwright.study.facts import TaskFacts, data_facts
from netwright.training.baseline import Baseline
from study.examples import SEGMENTATION


def test_the_data_is_described_by_its_shape_and_its_counts(tiny):
    facts = data_facts(tiny)
    assert data_facts(replace(tiny, layout="30 pairs"))["layout"] == "30 pairs"
    assert (facts["name"], facts["digest"], facts["input"]) == ("tiny", tiny.digest, [1, 8, 8])
    assert (facts["classes"], facts["train"], facts["valid"], facts["test"]) == (10, 48, 20, 30)


def test_the_task_is_described_by_how_its_metrics_are_written(tiny):
    facts = TaskFacts.of(choose(tiny), tiny)
    assert (facts.name, facts.monitor) == ("classification", "error")
    assert facts.measures["loss"] == Scale(label="loss")
    assert facts.scale == Scale(label="error", unit="%", factor=100.0, counted=True)
    assert facts.baseline == Baseline("most frequent class", {"error": pytest.approx(0.9)})


def test_the_further_metrics_are_those_that_nothing_is_judged_by():
    assert list(SEGMENTATION.others) == ["pixel_error"]


def test_a_monitor_without_a_measure_is_refused():
    with pytest.raises(ValueError, match="the monitored metric iou is not among loss"):
        TaskFacts("segmentation", "iou", {"loss": Scale()}, Baseline("", {}))
