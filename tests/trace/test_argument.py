"""Arguments are bound by the names torch gives them, however they were written."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from netwright.trace.argument import freeze
from netwright.trace.record import record


class Run(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def last(function, shape=(4, 9, 9)) -> dict:
    return dict(record(Run(function), shape).ops[-1].arguments)


@pytest.mark.parametrize(
    "pool",
    [
        lambda x: F.max_pool2d(x, 3, padding=1),
        lambda x: torch.max_pool2d(x, (3, 3), 3, (1, 1)),
        nn.MaxPool2d(3, 3, 1),
        nn.AvgPool2d([3, 3], padding=1),
        lambda x: F.avg_pool2d(x, 3, 3, 1),
        lambda x: F.max_pool2d(x, kernel_size=3, stride=None, padding=1),
    ],
)
def test_pooling_is_the_same_however_it_is_written(pool):
    arguments = last(pool)
    assert (arguments["kernel_size"], arguments["stride"]) == ((3, 3), (3, 3))
    assert (arguments["padding"], arguments["dilation"], arguments["ceil_mode"]) == (
        ((1, 1), (1, 1)),
        (1, 1),
        False,
    )


@pytest.mark.parametrize(("kernel", "dilation", "pairs"), [(3, 2, ((2, 2),) * 2), (4, 1, ((1, 2),) * 2)])
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_same_padding_is_written_out_with_the_larger_side_last(kernel, dilation, pairs):
    layer = nn.Conv2d(4, 2, kernel, padding="same", dilation=dilation)
    assert record(layer, (4, 9, 9)).ops[-1].arguments["padding"] == pairs


def test_valid_padding_is_zero_on_both_sides():
    arguments = dict(record(nn.Conv1d(4, 2, 3, padding="valid"), (4, 9)).ops[-1].arguments)
    assert (arguments["padding"], arguments["stride"], arguments["groups"]) == (((0, 0),), (1,), 1)


def test_transposed_convolution_has_all_its_numbers_per_axis():
    layer = nn.ConvTranspose3d(4, 2, 3, (2, 1, 2), 1, output_padding=(1, 0, 1))
    arguments = dict(record(layer, (4, 5, 5, 5)).ops[-1].arguments)
    assert (arguments["stride"], arguments["output_padding"], arguments["dilation"]) == (
        (2, 1, 2),
        (1, 0, 1),
        (1, 1, 1),
    )
    assert arguments["padding"] == ((1, 1),) * 3


def test_sizes_are_those_of_the_result():
    assert last(nn.AdaptiveAvgPool2d((2, None)))["output_size"] == (2, 9)
    up = last(nn.Upsample(scale_factor=2))
    assert (up["size"], up["scale_factor"], up["mode"]) == ((18, 18), (2.0, 2.0), "nearest")


@pytest.mark.parametrize(
    "pool",
    [
        nn.MaxPool2d(2, return_indices=True),
        lambda x: F.max_pool2d(x, (2, 2), return_indices=True),
        lambda x: (
            torch.max_pool2d_with_indices(x, 2)
            if hasattr(torch, "max_pool2d_with_indices")
            else F.max_pool2d_with_indices(x, 2)
        ),
    ],
)
def test_pooling_that_returns_indices_has_the_arguments_of_pooling(pool):
    arguments = last(pool)
    assert (arguments["kernel_size"], arguments["stride"], arguments["padding"]) == (
        (2, 2),
        (2, 2),
        ((0, 0), (0, 0)),
    )
    assert arguments["dilation"] == (1, 1)
    adaptive = last(lambda x: F.adaptive_max_pool2d(x, (2, None), return_indices=True))
    assert adaptive["output_size"] == (2, 9)


@pytest.mark.parametrize(
    ("function", "name", "value"),
    [
        (lambda x: x.mean((-2, -1)), "dim", (2, 3)),
        (lambda x: x.mean(1), "dim", 1),
        (lambda x: torch.cat([x, x], -3), "dim", 1),
        (lambda x: torch.stack([x, x], -1), "dim", 4),
        (lambda x: x.unsqueeze(-1), "dim", 4),
        (lambda x: x.permute(0, 2, -1, 1), "dims", (0, 2, 3, 1)),
        (lambda x: x.transpose(-1, -2), "dim0", 3),
        (lambda x: x.flatten(-2), "start_dim", 2),
        (lambda x: x.view(-1, 4 * 81), "size", (-1, 324)),
        (lambda x: x.reshape((1, -1)), "shape", (1, -1)),
        (lambda x: x.softmax(-1), "dim", 3),
        (lambda x: F.softmax(x, dim=-3), "dim", 1),
        (lambda x: torch.chunk(x, 2, dim=-3), "dim", 1),
        (lambda x: x.split(2, -3), "dim", 1),
        (lambda x: x.sum(dim=[-1]), "dim", (3,)),
        (lambda x: x[..., 1], "index", (Ellipsis, 1)),
        (lambda x: x[0], "index", (0,)),
    ],
)
def test_axes_are_never_negative_and_numbers_written_one_by_one_are_a_tuple(function, name, value):
    assert last(function)[name] == value


def test_frozen_values_hold_neither_tensors_nor_lists():
    x = torch.zeros(2)
    assert freeze([x, {"a": [1, slice(None, x)]}, torch.float16], lambda tensor: "info") == (
        "info",
        {"a": (1, slice(None, "info"))},
        "float16",
    )
