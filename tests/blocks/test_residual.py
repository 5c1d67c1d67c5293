"""Residual blocks against their equations, and stages of blocks."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from netwright.blocks import norm
from netwright.blocks.residual import (
    Basic,
    Bottleneck,
    OriginalBottleneck,
    Plain,
    Residual,
    StochasticDepth,
    Subsample,
    option_a,
    option_b,
    stages,
)
from netwright.errors import UsageError


def silence(block: nn.Module) -> nn.Module:
    for name, parameter in block.named_parameters():
        if not name.startswith("shortcut"):
            nn.init.zeros_(parameter)
    return block


@pytest.mark.parametrize("block", [Basic, Bottleneck, OriginalBottleneck])
def test_a_block_whose_branch_is_silent_is_its_rectified_input(block):
    x = torch.randn(2, 8, 5, 5)
    torch.testing.assert_close(silence(block(8, 8))(x), x.relu())


@pytest.mark.parametrize("block", [Basic, Bottleneck])
def test_option_a_keeps_every_second_position_and_adds_silent_channels(block):
    x = torch.randn(2, 4, 6, 6)
    y = silence(block(4, 8, stride=2))(x)
    torch.testing.assert_close(y[:, 2:6], x[:, :, ::2, ::2].relu())
    assert not y[:, :2].any()
    assert not y[:, 6:].any()


def test_option_b_is_a_normed_1x1_where_the_shape_changes_and_only_there():
    assert isinstance(option_b(4, 4, 1, 2), nn.Identity)
    assert isinstance(option_a(4, 4, 1, 2), nn.Identity)
    changed = option_b(4, 8, 2, 2)
    assert changed.conv.weight.shape == (8, 4, 1, 1)
    assert [name for name, _ in changed.named_children()] == ["conv", "norm"]


@pytest.mark.parametrize("block", [Basic, Bottleneck])
@pytest.mark.parametrize(("part", "kind"), [(norm.group, nn.GroupNorm), (norm.instance, nn.InstanceNorm2d)])
def test_shortcut_b_has_the_norm_of_its_block(block, part, kind):
    built = block(4, 8, stride=2, shortcut=option_b, norm=part)
    assert isinstance(built.shortcut.norm, kind)
    assert not [module for module in built.modules() if isinstance(module, nn.BatchNorm2d)]


def test_option_a_cannot_take_channels_away():
    with pytest.raises(UsageError, match=r"`out` \(=4\) is less than 8; use shortcut B"):
        Basic(8, 4)


def test_basic_is_the_paper_s_equation():
    block, x = Basic(4, 6, stride=2, shortcut=option_b), torch.randn(2, 4, 7, 7)
    first, second, side = block.first, block.second, block.shortcut
    y = F.relu(first.norm(F.conv2d(x, first.conv.weight, stride=2, padding=1)))
    y = second.norm(F.conv2d(y, second.conv.weight, padding=1))
    torch.testing.assert_close(block(x), F.relu(y + side.norm(F.conv2d(x, side.conv.weight, stride=2))))


def test_plain_has_the_parameters_of_basic_and_no_shortcut():
    sizes = [[p.shape for p in block.parameters()] for block in (Plain(4, 8), Basic(4, 8))]
    assert sizes[0] == sizes[1]


def test_the_stride_of_a_bottleneck_sits_on_the_3x3_and_first_it_sat_on_the_1x1():
    strides = [
        [block.reduce.conv.stride[0], block.spatial.conv.stride[0], block.expand.conv.stride[0]]
        for block in (Bottleneck(4, 8, stride=2), OriginalBottleneck(4, 8, stride=2))
    ]
    assert strides == [[1, 2, 1], [2, 1, 1]]


def test_dilation_and_groups_reach_the_3x3():
    block = Bottleneck(8, 16, dilation=3, groups=2)
    assert (block.spatial.conv.dilation, block.spatial.conv.groups) == ((3, 3), 2)
    assert block.reduce.conv.groups == 1


def test_a_wrapper_adds_its_input_to_what_the_function_makes_of_it():
    fn, x = nn.Conv1d(3, 3, 3, padding=1), torch.randn(2, 3, 9)
    torch.testing.assert_close(Residual(fn)(x), x + fn(x))


def test_a_wrapper_refuses_what_changes_the_shape_even_where_it_would_broadcast():
    with pytest.raises(UsageError, match=r"Conv2d turns \(1, 3, 4, 4\) into \(1, 3, 2, 2\); pad"):
        Residual(nn.Conv2d(3, 3, 3))(torch.zeros(1, 3, 4, 4))
    with pytest.raises(UsageError, match="branch of a residual must keep the shape"):
        Residual(nn.Linear(3, 1))(torch.zeros(2, 3))


def test_stochastic_depth_drops_whole_examples_and_keeps_the_mean():
    torch.manual_seed(0)
    y = StochasticDepth(0.25)(torch.ones(4000, 2, 3))
    assert all(len(example.unique()) == 1 for example in y[:100])
    assert y.unique().tolist() == pytest.approx([0.0, 4 / 3])
    assert y.mean().item() == pytest.approx(1, abs=0.03)


def test_stochastic_depth_does_nothing_in_evaluation():
    x = torch.randn(5, 3)
    assert StochasticDepth(0.9).eval()(x) is x


@pytest.mark.parametrize("p", [-0.1, 1.0, float("nan")])
def test_stochastic_depth_refuses_a_value_that_is_not_a_probability(p: float):
    with pytest.raises(UsageError, match="must be at least 0 and below 1"):
        StochasticDepth(p)


def test_the_shortcut_shows_its_numbers():
    assert repr(Subsample(2, 16)) == "Subsample(stride=2, extra=16)"
    assert repr(StochasticDepth(0.5)) == "StochasticDepth(p=0.5)"


def test_each_stage_has_its_width_and_count_and_every_later_one_strides_once():
    calls: list[tuple[int, int, int]] = []

    def block(channels: int, out: int, *, stride: int) -> torch.nn.Module:
        calls.append((channels, out, stride))
        return torch.nn.Identity()

    body = stages(3, [4, 8, 8], [1, 2, 1], block)
    assert calls == [(3, 4, 1), (4, 8, 2), (8, 8, 1), (8, 8, 2)]
    assert [len(stage) for stage in body] == [1, 2, 1]


def test_the_first_stage_may_stride_too():
    body = stages(3, [4, 8], [1, 1], partial(Basic, shortcut=option_b), first_stride=2)
    assert body(torch.zeros(2, 3, 16, 16)).shape == (2, 8, 4, 4)


def test_widths_and_counts_must_agree():
    with pytest.raises(ValueError, match="shorter"):
        stages(3, [4, 8], [1], Basic)
