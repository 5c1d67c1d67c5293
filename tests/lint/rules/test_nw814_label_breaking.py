"""Augmentations that turn one class into another."""

import json

import pytest
import torch
from sklearn.datasets import load_digits

from arrays import noise, surveyed
from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.errors import RecipeError
from netwright.lint.rules.nw814_label_breaking import look

NAMES = [str(digit) for digit in range(10)]


@pytest.fixture(scope="module")
def digits():
    bunch = load_digits()
    inputs = torch.from_numpy(bunch.images * 15).to(torch.uint8)[:, None]
    labels = torch.from_numpy(bunch.target)
    parts = (slice(1200), slice(1200, 1400), slice(1400, None))
    return [Split(inputs[part], {Kind.CLASS: labels[part]}) for part in parts]


def test_without_a_recipe_turns_are_tried_and_are_infos(digits):
    remarks = {remark.evidence["augmentation"]: remark for remark in look(surveyed(digits, NAMES))}
    assert set(remarks) == {"a flip upside down", "a half turn"}
    turn = remarks["a half turn"]
    assert turn.severity == "info"
    assert "of `6` into `9`" in turn.message
    assert turn.evidence["after"]["6"]["9"] > 0.3 > turn.evidence["before"]["6"].get("9", 0)
    head, first, *_ = turn.evidence["table"]
    assert head.split() == ["from", "into", "with", "without", "examples"]
    assert first.split()[:2] == ["6", "9"]
    json.dumps(dict(turn.evidence))


def test_an_augmentation_that_is_meant_is_a_warning(digits):
    def half_turn(inputs):
        return inputs.flip(-1, -2)

    [remark] = look(surveyed(digits, NAMES, augment=(half_turn,)))
    assert remark.severity is None
    assert "of `6` into `9`" in remark.message


@pytest.mark.parametrize("augment", [(), ("crop(padding=1)",), ("flip",)])
def test_an_augmentation_that_keeps_the_classes_is_not_reported(digits, augment):
    assert list(look(surveyed(digits, NAMES, augment=augment))) == []


def test_an_unknown_augmentation_is_refused(digits):
    with pytest.raises(RecipeError, match="flop"):
        list(look(surveyed(digits, NAMES, augment=("flop",))))


def test_classes_that_pixels_do_not_tell_are_not_judged():
    splits = [Split(noise(200, seed=k), {Kind.CLASS: torch.arange(200) % 2}) for k in range(3)]
    assert list(look(surveyed(splits, ("a", "b")))) == []


def test_before_a_training_nothing_is_probed(digits):
    assert list(look(surveyed(digits, NAMES, again=False))) == []
