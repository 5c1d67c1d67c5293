"""Functions of the user: one or two parameters, and results that are checked."""

from functools import partial

import pytest
import torch

from netwright.data.function import UserFunction, named
from netwright.data.kinds import Kind
from netwright.errors import RecipeError

INPUTS = torch.zeros(2, 1, 4, 4)
TARGETS = {Kind.MASK: torch.zeros(2, 4, 4, dtype=torch.int64), Kind.BOXES: [torch.zeros(0, 5)] * 2}


def brighter(inputs, amount=0.5):
    return inputs + amount


def mirrored(inputs, targets):
    return inputs.flip(-1), {**targets, Kind.MASK: targets[Kind.MASK].flip(-1)}


class Twice:
    def __call__(self, inputs, targets):
        return inputs * 2, targets


@pytest.mark.parametrize(
    ("function", "joint"),
    [
        (brighter, False),
        (mirrored, True),
        (Twice(), True),
        (partial(brighter, amount=1.0), False),
        (partial(mirrored, targets=TARGETS), False),
        (lambda *batch: batch[0], False),
        (torch.neg, False),
        (torch.nn.Identity(), False),
    ],
)
def test_a_function_with_two_required_parameters_gets_the_targets_too(function, joint: bool):
    assert UserFunction(function).joint is joint


def test_a_function_of_inputs_leaves_the_targets():
    inputs, targets = UserFunction(brighter)(INPUTS, TARGETS)
    assert torch.equal(inputs, INPUTS + 0.5)
    assert targets is TARGETS


def test_a_function_of_both_changes_both():
    counting = torch.arange(16).view(1, 4, 4).expand(2, 4, 4)
    inputs, targets = UserFunction(mirrored)(counting[:, None].float(), TARGETS | {Kind.MASK: counting})
    assert torch.equal(inputs[:, 0].long(), targets[Kind.MASK])
    assert targets[Kind.MASK][0, 0].tolist() == [3, 2, 1, 0]


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda inputs: None, "returned .*NoneType.* for a batch of 2x1x4x4 of torch.float32"),
        (lambda inputs: inputs[:1], "returned 1x1x4x4 of torch.float32 for a batch of 2x1x4x4"),
        (lambda inputs: inputs.double(), "returned 2x1x4x4 of torch.float64"),
        (lambda inputs, targets: inputs, "must return \\(inputs, targets\\), and it returned .*Tensor"),
        (lambda inputs, targets: (inputs, [1]), "must return \\(inputs, targets\\)"),
        (lambda inputs, targets: (inputs, {}), "returned targets \\[\\] for"),
        (
            lambda inputs, targets: (inputs, targets | {Kind.MASK: targets[Kind.MASK].float()}),
            "returned mask as 2x4x4 of torch.float32 for a batch of 2x4x4 of torch.int64",
        ),
        (
            lambda inputs, targets: (inputs, targets | {Kind.BOXES: []}),
            "returned boxes of 0 examples for 2",
        ),
    ],
)
def test_a_result_of_another_form_is_refused(function, reason: str):
    with pytest.raises(RecipeError, match=reason):
        UserFunction(function)(INPUTS, TARGETS)


def test_messages_name_the_function():
    assert named("flip(p=1)") == "flip(p=1)"
    assert named(brighter) == "brighter"
    assert str(UserFunction(mirrored)) == "the augmentation `mirrored`"
    assert "Twice" in named(Twice())
