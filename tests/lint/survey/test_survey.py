"""The survey of a data set."""

import numpy as np
import pytest
import torch

from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind
from netwright.lint.survey import survey as room
from netwright.lint.survey.survey import of_data


def data(train, valid, test, kind=Kind.CLASS, classes=("a", "b"), **options):
    splits = [Split(inputs, {kind: targets}) for inputs, targets in (train, valid, test)]
    return Data("arrays", classes, *splits, (0.5,), (0.2,), "digest", **options)


def split(number, labels, seed=0):
    inputs = torch.rand(number, 1, 8, 8, generator=torch.Generator().manual_seed(seed))
    return inputs, torch.tensor(labels)


def test_shares_of_classes_are_counted_by_split():
    survey = of_data(data(split(4, [0, 0, 1, 1]), split(2, [0, 0], 1), split(3, [0, 1, 1], 2)))
    assert survey.shares == {"train": {0: 2, 1: 2}, "valid": {0: 2}, "test": {0: 1, 1: 2}}
    assert survey.name_of(1) == "b"
    assert survey.name_of(7) == "7"
    assert survey.input == (1, 8, 8)


def masked(values=(), ignore=(), classes=("a", "b")):
    masks = torch.tensor([0, 255, 9]).to(torch.uint8).repeat_interleave(64).reshape(3, 8, 8)
    inputs = torch.rand(3, 1, 8, 8)
    splits = [(inputs, masks), (inputs, masks[:1].expand(3, 8, 8)), (inputs, masks)]
    return of_data(data(*splits, kind=Kind.MASK, classes=classes, values=values, ignore=ignore))


def test_shares_of_a_mask_go_by_the_values_of_the_classes():
    survey = masked(values=(0, 255), ignore=(9,))
    assert survey.masked
    assert survey.shares["train"] == {0: 64, 1: 64}
    assert survey.shares["valid"] == {0: 192, 1: 0}
    assert survey.known == (0, 255, 9)
    assert survey.mask_values.counts == {0: 64 + 192 + 64, 9: 128, 255: 128}


def test_without_classes_the_values_that_occur_stand_for_them():
    survey = masked(classes=(), ignore=(9,))
    assert survey.order == (0, 255)
    assert survey.name_of(1) == "255"
    assert survey.known == ()
    assert [(part.name, k) for part, k in survey.holding({255, 7})] == [("train", 1), ("test", 1)]


def test_a_channel_is_constant_only_if_every_split_has_its_value():
    parts = [split(3, [0, 1, 0], seed) for seed in range(3)]
    for inputs, _ in parts:
        inputs[:, 0] = 0.25
    assert of_data(data(*parts)).constant_channels() == {0: 0.25}
    parts[2][0][1, 0] = 0.5
    assert of_data(data(*parts)).constant_channels() == {}


def test_each_held_out_split_is_compared_with_those_before_it(monkeypatch):
    calls = []
    monkeypatch.setattr(room, "twins", lambda part, other, limit: calls.append((part.name, other.name)) or [])
    survey = of_data(data(split(4, [0, 0, 1, 1]), split(2, [0, 0], 1), split(3, [0, 1, 1], 2)))
    for _ in range(2):
        for part in survey.held_out:
            survey.twins(part)
    assert calls == [("valid", "train"), ("test", "train"), ("test", "valid")]


def test_a_survey_that_may_not_read_again_has_no_twins():
    parts = split(4, [0, 0, 1, 1]), split(2, [0, 0], 1), split(3, [0, 1, 1], 2)
    survey = of_data(data(*parts), again=False)
    assert survey.twins(survey.parts["test"]) == {}


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_every_numeric_type_is_surveyed(dtype):
    inputs = torch.from_numpy(np.arange(5 * 64).reshape(5, 1, 8, 8).astype(dtype))
    survey = of_data(data(*[(inputs, torch.tensor([0, 1, 0, 1, 0]))] * 3))
    assert survey.parts["train"].examples[0].kind == np.dtype(dtype).name
