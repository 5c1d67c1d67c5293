"""Linear layers, norms and embeddings are explained where torch refuses them."""

import re

import pytest
import torch
from torch import nn

import netwright.analysis.cause.layer as family
from netwright.analysis.cause.explanation import EXPLAINS
from netwright.analysis.explain import FAMILIES, explain
from netwright.trace.record import record


def test_the_family_is_entered():
    entered = {function.__module__ for functions in EXPLAINS.values() for function in functions}
    assert family in FAMILIES
    assert family.__name__ in entered


def explained(net, shape):
    """The explanation of a failing network, as text; torch itself fails on it too."""
    with pytest.raises((RuntimeError, ValueError)):
        net(torch.rand(1, *shape))
    return str(explain(record(net, shape)))


@pytest.mark.parametrize(
    ("net", "shape", "what"),
    [
        (nn.Linear(5, 2), (4,), "expects 5 features and gets 4: 1x4 from the input"),
        (nn.LayerNorm(5), (3, 4), "expects 5 features and gets 4"),
        (nn.BatchNorm1d(5).eval(), (4, 3), "expects 5 channels and gets 4"),
        (nn.BatchNorm2d(5).eval(), (4, 3, 3), "expects 5 channels and gets 4"),
        (nn.GroupNorm(2, 6), (4, 3), "expects 6 channels and gets 4"),
        (nn.GroupNorm(3, 6), (4, 3), "has 3 groups, which do not divide the 4 channels"),
    ],
)
def test_a_size_that_the_layer_was_not_built_for_is_named_with_the_expected_one(net, shape, what):
    text = explained(nn.Sequential(net), shape)
    assert f"`0` ({type(net).__name__})" in text
    assert what in text


def test_advice_for_a_linear_layer_keeps_its_outputs_and_its_bias():
    assert explained(nn.Sequential(nn.Linear(5, 2, bias=False)), (4,)).endswith(
        "fix: nn.Linear(4, 2, bias=False)"
    )
    assert explained(nn.Sequential(nn.Linear(12, 2)), (3, 4)).endswith(
        "fix: flatten the input first: `x = x.flatten(1)`"
    )


@pytest.mark.parametrize(
    ("norm", "shape", "fix"),
    [
        (nn.LayerNorm(5), (3, 4), "nn.LayerNorm(4)"),
        (nn.BatchNorm2d(5).eval(), (4, 3, 3), "nn.BatchNorm2d(4)"),
        (nn.LayerNorm((2, 5)), (3, 4), "build it for 4 features"),
        (nn.GroupNorm(2, 6), (4, 3), "build it for 4 channels"),
    ],
)
def test_the_fix_is_a_constructor_where_one_number_is_enough(norm, shape, fix):
    assert explained(nn.Sequential(norm), shape).endswith(f"fix: {fix}")


def test_the_groups_of_the_fix_divide_the_channels():
    advised = explained(nn.Sequential(nn.GroupNorm(4, 12)), (6, 3)).rpartition("nn.")[2]
    groups, channels = (int(number) for number in re.findall(r"\d+", advised))
    assert record(nn.GroupNorm(groups, channels), (6, 3)).failure is None


def test_an_embedding_of_floats_is_explained_with_the_input_to_give():
    assert explained(nn.Sequential(nn.Embedding(5, 2)), (7,)).endswith("--input 7:int64")
