"""Normed convolutions and the house patterns."""

import pytest
import torch
from torch import nn

from netwright.blocks.conv import Double, Halve, NormedConv, Point, PreConv, convolution, halving, same
from netwright.blocks.norm import layer, none
from netwright.errors import UsageError


def test_the_norm_takes_the_bias_away_and_none_brings_it_back():
    assert NormedConv(3, 4).conv.bias is None
    assert NormedConv(3, 4, norm=layer).conv.bias is None
    assert NormedConv(3, 4, norm=none).conv.bias.shape == (4,)
    assert PreConv(3, 4, norm=none).conv.bias.shape == (4,)
    assert Double(3, 4).conv.bias is None
    assert Double(3, 4, norm=none).conv.bias.shape == (4,)


def test_parts_that_do_nothing_are_left_out():
    assert [name for name, _ in NormedConv(3, 4).named_children()] == ["conv", "norm", "act"]
    assert [name for name, _ in NormedConv(3, 4, norm=none, act=nn.Identity).named_children()] == ["conv"]
    assert [name for name, _ in PreConv(3, 4).named_children()] == ["norm", "act", "conv"]


def test_it_is_convolution_then_norm_then_activation():
    block, x = NormedConv(3, 4, act=nn.Tanh), torch.randn(2, 3, 5, 5)
    torch.testing.assert_close(block(x), torch.tanh(block.norm(block.conv(x))))


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_patterns_keep_halve_double_and_stay_at_each_position(dims: int):
    x = torch.randn(2, 3, *[8] * dims)
    sides = [tuple(block(3, 4, dims=dims)(x).shape[2:]) for block in (NormedConv, Halve, Double, Point)]
    assert sides == [(8,) * dims, (4,) * dims, (16,) * dims, (8,) * dims]


@pytest.mark.parametrize(
    ("block", "kernel", "stride", "padding"),
    [(NormedConv, 3, 1, 1), (Halve, 4, 2, 1), (Double, 4, 2, 1), (Point, 1, 1, 0)],
)
def test_the_patterns_are_what_they_are_called(block, kernel: int, stride: int, padding: int):
    conv = block(3, 4).conv
    assert (conv.kernel_size, conv.stride, conv.padding) == ((kernel,) * 2, (stride,) * 2, (padding,) * 2)


def test_a_point_is_a_linear_layer_at_each_position():
    point, x = Point(3, 4, norm=none, act=nn.Identity), torch.randn(2, 3, 5, 5)
    linear = torch.nn.functional.linear(x.movedim(1, -1), point.conv.weight.flatten(1), point.conv.bias)
    torch.testing.assert_close(point(x), linear.movedim(-1, 1))


@pytest.mark.parametrize("kernel", [1, 3, 5, 7])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_same_padding_keeps_the_map_as_torch_s_own_does(kernel: int, dilation: int):
    conv = convolution(2, 3, kernel, dims=1, dilation=dilation)
    torchs = nn.Conv1d(2, 3, kernel, dilation=dilation, padding="same")
    torchs.load_state_dict(conv.state_dict())
    x = torch.randn(1, 2, 25)
    torch.testing.assert_close(conv(x), torchs(x))


@pytest.mark.parametrize("kernel", [2, 4])
def test_an_even_kernel_cannot_be_same(kernel: int):
    message = rf"`kernel` \(={kernel}\) is even, .* take {kernel - 1} or {kernel + 1}, or set `padding`"
    with pytest.raises(UsageError, match=message):
        same(kernel)
    with pytest.raises(UsageError, match=message):
        NormedConv(3, 4, kernel)
    assert NormedConv(3, 4, kernel, padding=1).conv.padding == (1, 1)


def test_weight_shapes_of_the_first_exercise():
    """Channels in and out, and the kernel, make the weight."""
    shapes = [tuple(nn.Conv1d(c, out, 5).weight.shape) for out, c in ((1, 2), (3, 1), (3, 2))]
    assert shapes == [(1, 2, 5), (3, 1, 5), (3, 2, 5)]
    assert [tuple(convolution(c, o, 5, dims=1).weight.shape) for o, c in ((1, 2), (3, 1), (3, 2))] == shapes


def test_sizes_of_the_second_exercise():
    """Kernel 5, stride 2, padding 2 halves 224; pooling by 3 makes 37 of 112."""
    with torch.device("meta"):
        x = torch.empty(12, 3, 224, 224)
        y = convolution(3, 64, 5, stride=2)(x)
        assert y.shape == (12, 64, 112, 112)
        assert nn.MaxPool2d(3)(y).shape == (12, 64, 37, 37)


@pytest.mark.parametrize("kernel", [2, 4, 6])
def test_even_kernels_halve_and_double_an_even_map(kernel: int):
    x = torch.zeros(1, 3, 8, 8)
    assert Halve(3, 4, kernel=kernel)(x).shape == (1, 4, 4, 4)
    assert Double(3, 4, kernel=kernel)(x).shape == (1, 4, 16, 16)


@pytest.mark.parametrize("kernel", [3, 1, 0, -2])
def test_another_kernel_is_refused(kernel: int):
    with pytest.raises(UsageError, match="must be even"):
        halving(kernel)
