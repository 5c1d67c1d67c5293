"""Equal inputs with different labels."""

import torch

from arrays import noise, surveyed
from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.lint.rules.nw811_label_conflict import look


def splits(label=1, kind=Kind.CLASS):
    """Three splits; the training input 3 is also the test input 2."""
    inputs = [noise(30, (1, 16, 16), seed) for seed in range(3)]
    inputs[2][2] = inputs[0][3]
    labels = [torch.zeros(30, dtype=torch.int64) for _ in inputs]
    labels[2][2] = label
    if kind is Kind.MASK:
        labels = [each[:, None, None].expand(30, 16, 16).to(torch.uint8) for each in labels]
    return [Split(each, {kind: label}) for each, label in zip(inputs, labels, strict=True)]


def test_both_inputs_and_both_classes_are_named():
    [remark] = look(surveyed(splits(), ("cat", "dog")))
    assert remark.message.endswith("classes: example 3 of train (`cat`) and example 2 of test (`dog`).")
    [pair] = remark.evidence["pairs"]
    assert (pair["class"], pair["other_class"]) == ("cat", "dog")
    assert remark.severity == "warning"


def test_copies_with_one_label_are_not_reported():
    assert list(look(surveyed(splits(label=0), ("cat", "dog")))) == []


def test_copies_with_different_masks_are_reported():
    [remark] = look(surveyed(splits(kind=Kind.MASK), ("cat", "dog")))
    assert "have different masks: example 3 of train and example 2 of test" in remark.message
    assert list(look(surveyed(splits(0, Kind.MASK), ("cat", "dog")))) == []


def test_nearly_equal_inputs_of_two_splits_are_an_info():
    given = splits(label=0)
    given[2].inputs[7] = given[0].inputs[9].clamp(4, 250)
    given[2].targets[Kind.CLASS][7] = 1
    [remark] = look(surveyed(given, ("cat", "dog")))
    assert remark.severity == "info"
    assert remark.message.startswith(
        "two inputs are nearly the same and have different classes: example 7 of test"
    )


def test_blank_inputs_are_left_to_another_rule():
    given = splits(label=0)
    given[0].inputs[:4] = 0
    given[0].targets[Kind.CLASS][1] = 1
    assert list(look(surveyed(given, ("cat", "dog")))) == []
