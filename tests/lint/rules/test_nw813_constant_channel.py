"""Constant channels, NaN and infinity."""

import numpy as np
import torch

from arrays import masked, noise, surveyed
from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.lint.rules.nw813_constant_channel import look


def reported(change, channels=2):
    inputs = [noise(8, (channels, 6, 6), seed).float() for seed in range(3)]
    change(inputs)
    splits = [Split(each, {Kind.CLASS: torch.arange(8) % 2}) for each in inputs]
    return [(remark.severity, remark.message) for remark in look(surveyed(splits, ("a", "b")))]


def test_nan_and_infinity_are_errors_that_name_their_inputs():
    def spoil(inputs):
        inputs[0][3, 0, 2, 2] = float("nan")
        inputs[2][1, 1, 0] = float("inf")

    assert reported(spoil) == [
        ("error", "1 input holds NaN or infinity in train: example 3; the first has 1 such value."),
        ("error", "1 input holds NaN or infinity in test: example 1; the first has 6 such values."),
    ]


def test_a_channel_that_never_changes_is_reported_once():
    def blank(inputs):
        for each in inputs:
            each[:, 1] = 3

    assert reported(blank) == [("warning", "channel 1 is 3 in every input of every split.")]


def test_a_blank_input_is_reported_and_one_constant_channel_of_it_is_not():
    def blank(inputs):
        inputs[1][4] = 9
        inputs[0][2, 0] = 7

    assert reported(blank) == [("warning", "1 input is blank in valid: example 4.")]


def test_a_blank_slice_with_an_empty_mask_is_let_through():
    survey = masked(np.zeros((6, 6)), np.eye(6), classes=("a", "b"))
    for example in survey.parts["train"].origin.split.inputs:
        example[:] = 5
    again = type(survey)(survey.root, survey.parts, survey.classes)
    part = again.parts["train"]
    part.sketch.low[:] = part.sketch.high[:] = 5
    messages = [remark.message for remark in look(again)]
    assert "1 input is blank in train: example 1." in messages


def test_inputs_that_vary_are_not_reported():
    assert reported(lambda inputs: None) == []
