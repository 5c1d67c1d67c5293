"""Splits that look different from the training split."""

import pytest
import torch

from arrays import noise, surveyed
from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.lint.rules.nw815_split_shift import look


def reported(change, numbers=(80, 40, 40), groups=((), (), ())):
    inputs = [noise(number, seed=seed) for seed, number in enumerate(numbers)]
    labels = [torch.arange(number) % 2 for number in numbers]
    changed = change(inputs, labels)
    splits = [
        Split(each, {Kind.CLASS: label}, group)
        for each, label, group in zip(changed or inputs, labels, groups, strict=True)
    ]
    return list(look(surveyed(splits, ("a", "b"))))


def darker(inputs, labels):
    inputs[2] //= 2


def test_a_darker_split_is_reported_with_both_means():
    [remark] = reported(darker)
    assert "the test split looks different from train: the mean differs (12" in remark.message
    assert remark.evidence["features"][0]["distance"] == 1
    assert remark.module == "test"


def test_splits_of_one_pool_are_not_reported():
    """Ten draws: the level is .001 for the whole family of tests."""
    for seed in range(10):
        pool = noise(160, seed=100 + seed)
        assert reported(lambda inputs, labels, pool=pool: list(pool.split([80, 40, 40]))) == []


def test_a_small_change_of_many_examples_is_significant_and_not_reported():
    def slightly(inputs, labels):
        inputs[1] = inputs[1].clamp(max=250) + 4

    assert reported(slightly, numbers=(2000, 2000, 40)) == []


def test_one_group_is_no_sample():
    groups = (["a"] * 80, ["a"] * 40, ["a"] * 40)
    assert reported(darker, groups=groups) == []


def test_other_shares_of_the_classes_are_reported():
    def one_class(inputs, labels):
        labels[1][:] = 0

    [remark] = reported(one_class)
    assert "the valid split looks different from train: the shares of the classes differs" in remark.message


@pytest.mark.parametrize("dtype", [torch.int16, torch.float32])
def test_another_type_is_reported_by_its_name(dtype):
    [remark] = reported(lambda inputs, labels: [inputs[0], inputs[1], inputs[2].to(dtype)])
    assert remark.message == f"the inputs of test are {str(dtype)[6:]} and those of train uint8."
