"""Values of masks that are not classes."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from arrays import classified, masked
from netwright.lint.rules.nw801_label_values import look


def reported(*masks, **options):
    return [(remark.severity, remark.message, remark.evidence) for remark in look(masked(*masks, **options))]


def test_a_value_outside_the_classes_stops_the_loss_and_is_reported():
    mask = np.array([[0, 1], [2, 1]])
    with pytest.raises((IndexError, RuntimeError)):
        F.cross_entropy(torch.zeros(1, 2, 2, 2), torch.from_numpy(mask)[None])
    [(severity, message, evidence)] = reported(mask, np.zeros((2, 2)), classes=("a", "b"))
    assert severity is None
    assert message.startswith("1 mask holds the value 2, and the classes are 0 and 1: the mask of example 0")
    assert evidence["values"] == {"2": 1}


def test_255_outside_the_classes_comes_with_a_hint():
    [(_, message, _)] = reported(np.array([[0, 1], [255, 255]]), classes=("a", "b"))
    assert "255, which often means that a position counts for nothing" in message


@pytest.mark.parametrize(
    ("values", "count"),
    [([0, 255], 0), ([0, 1, 2], 0), ([1, 2, 3], 0), ([0, 1, 255], 1), ([0, 1, 2, 4], 1), ([0, 64, 128], 0)],
)
def test_values_without_names_are_reported_where_they_may_mean_two_things(values, count):
    assert len(reported(np.array([values]).repeat(4, 0))) == count


def test_ignored_values_are_not_reported():
    assert reported(np.array([[0, 1, 255]]), ignore=(255,)) == []
    assert reported(np.array([[0, 1, 255]]), classes=("a", "b"), ignore=(255,)) == []


def test_a_gap_is_left_to_another_rule_where_the_classes_have_names():
    assert reported(np.array([[0, 1, 3]]), classes=("a", "b", "c", "d")) == []


def test_two_values_that_are_read_as_256_classes_are_reported():
    [(severity, message, evidence)] = reported(np.array([[0, 255]]), classes=tuple(map(str, range(256))))
    assert severity == "warning"
    assert "256 classes, of which 254 never occur" in message
    assert evidence == {"values": [0, 255], "classes": 256}


def test_class_indices_out_of_range_are_named():
    [remark] = look(classified([0, 1, 5, 1], classes=("a", "b")))
    assert remark.message == "1 example has a class index outside 0..1 in train, such as 5: example 2."
    assert list(look(classified([0, 1, 1, 0], classes=("a", "b")))) == []
