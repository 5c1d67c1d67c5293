"""Channels, sizes and dimensions of convolutions are explained where torch refuses them."""

import re

import pytest
import torch
from torch import nn

import netwright.analysis.cause.window as family
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
    ("net", "shape", "what", "fix"),
    [
        (nn.Conv1d(4, 8, 3, 2), (3, 16), "expects 4 channels and gets 3", "nn.Conv1d(3, 8, 3, stride=2)"),
        (nn.Conv3d(1, 2, 3, padding=1), (2, 4, 4, 4), "gets 2", "nn.Conv3d(2, 2, 3, padding=1)"),
        (nn.Conv2d(4, 8, (3, 1), bias=False), (6, 8, 8), "gets 6", "nn.Conv2d(6, 8, (3, 1), bias=False)"),
        (nn.Conv2d(4, 8, 3, dilation=2, groups=4), (8, 9, 9), "gets 8", "dilation=2, groups=4)"),
        (
            nn.ConvTranspose2d(4, 2, 3, 2, 1, 1),
            (3, 5, 5),
            "expects 4 channels and gets 3",
            "nn.ConvTranspose2d(3, 2, 3, stride=2, padding=1, output_padding=1)",
        ),
    ],
)
def test_wrong_channels_are_explained_with_the_layer_as_it_should_be_written(net, shape, what, fix):
    text = explained(nn.Sequential(net), shape)
    assert what in text
    assert text.splitlines()[-1].endswith(fix)


@pytest.mark.parametrize("name", ["Conv2d(4, 8, 3, 2)", "ConvTranspose1d(4, 2, 3)"])
def test_the_layer_of_the_fix_runs(name):
    kind, numbers = name.rstrip(")").split("(")
    build, given = getattr(nn, kind), [int(number) for number in numbers.split(", ")]
    shape = (7, 9, 9)[: 1 + int(kind[-2])]
    advised = explained(nn.Sequential(build(*given)), shape).splitlines()[-1]
    inside = int(re.search(rf"nn.{kind}\((\d+)", advised)[1])
    assert record(build(inside, *given[1:]), shape).failure is None


@pytest.mark.parametrize(
    ("net", "shape", "sizes"),
    [
        (nn.Conv1d(3, 4, 5), (3, 4), "a kernel of 5, larger than its padded input of 4"),
        (nn.Conv2d(3, 4, 3, dilation=3), (3, 6, 9), "a kernel of 7x7, larger than its padded input of 6x9"),
        (
            nn.Conv3d(1, 1, 4, padding=1),
            (1, 1, 9, 9),
            "a kernel of 4x4x4, larger than its padded input of 3x11x11",
        ),
    ],
)
def test_a_kernel_larger_than_its_input_is_explained_with_both_sizes(net, shape, sizes):
    assert sizes in explained(nn.Sequential(net), shape)


def test_dimensions_too_many_and_too_few_are_explained():
    assert "needs 3 dimensions (batch x channels x size) and gets 4" in explained(
        nn.Conv1d(3, 4, 3), (3, 8, 8)
    )
    assert "--input 3x8" in explained(nn.Sequential(nn.Conv1d(3, 4, 3)), (3, 8, 8)).splitlines()[-1]
