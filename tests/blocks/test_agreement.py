"""Blocks of one, two and three dimensions agree, and batch norm makes biases and scales before it idle."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from netwright.blocks.attention import ChannelAttention, PositionAttention, SqueezeExcite
from netwright.blocks.conv import Double, Halve, NormedConv, Point, PreConv
from netwright.blocks.dense import DenseBlock, Transition
from netwright.blocks.fractal import FractalAttention, FractalUnit
from netwright.blocks.hourglass import HalfBottleneck, Hourglass
from netwright.blocks.inception import Inception, NaiveInception
from netwright.blocks.norm import instance, layer
from netwright.blocks.pooling import Blur, GlobalAverage
from netwright.blocks.preactivation import PreBasic, PreBottleneck, Wide
from netwright.blocks.residual import Basic, Bottleneck, Plain, option_b
from netwright.blocks.unet import Down, Pair, Up

BLOCKS: dict[str, Callable[[int], nn.Module]] = {
    "NormedConv": lambda d: NormedConv(4, 6, 5, stride=2, dims=d),
    "NormedConv-dilated": lambda d: NormedConv(4, 6, dilation=2, groups=2, dims=d),
    "NormedConv-instance": lambda d: NormedConv(4, 6, norm=instance, dims=d),
    "NormedConv-layer": lambda d: NormedConv(4, 6, norm=layer, dims=d),
    "Point": lambda d: Point(4, 6, dims=d),
    "PreConv": lambda d: PreConv(4, 6, dims=d),
    "Basic": lambda d: Basic(4, 6, stride=2, shortcut=option_b, dims=d),
    "Basic-A": lambda d: Basic(4, 6, stride=2, dims=d),
    "Bottleneck": lambda d: Bottleneck(4, 8, stride=2, shortcut=option_b, dims=d),
    "Plain": lambda d: Plain(4, 6, dims=d),
    "PreBasic": lambda d: PreBasic(4, 6, stride=2, dims=d),
    "PreBottleneck": lambda d: PreBottleneck(4, 8, dims=d),
    "HalfBottleneck": lambda d: HalfBottleneck(4, 8, dims=d),
    "Wide": lambda d: Wide(4, 6, dims=d),
    "NaiveInception": lambda d: NaiveInception(4, 2, 3, 5, dims=d),
    "Inception": lambda d: Inception(4, 2, (3, 4), (2, 3), 5, dims=d),
    "DenseBlock": lambda d: DenseBlock(4, 2, 3, dims=d),
    "Pair": lambda d: Pair(4, 6, dims=d),
    "PositionAttention": lambda d: PositionAttention(4, reduction=2, dims=d),
    "ChannelAttention": lambda d: ChannelAttention(),
    "SqueezeExcite": lambda d: SqueezeExcite(4, reduction=2),
    "FractalAttention": lambda d: FractalAttention(4, dims=d),
    "FractalUnit": lambda d: FractalUnit(4, dims=d),
    "GlobalAverage": lambda d: GlobalAverage(dims=d),
}


def flattened(block: nn.Module, line: nn.Module) -> None:
    """Give `block` the weights of `line`, its one-dimensional twin, on the middle of its further axes."""
    for wide, narrow in zip(block.parameters(), line.parameters(), strict=True):
        extra = wide.ndim - narrow.ndim
        middle = tuple(side // 2 for side in wide.shape[2 : 2 + extra])
        wide.data.zero_()
        wide.data[(slice(None), slice(None), *middle) if extra else ...] = narrow.data


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("name", BLOCKS)
def test_a_map_of_one_row_is_read_as_a_line(name: str, dims: int):
    """With its weights on the middle row a 2-D or 3-D block is the 1-D one."""
    torch.manual_seed(0)
    line, block = BLOCKS[name](1), BLOCKS[name](dims)
    for parameter in line.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    flattened(block, line)
    x = torch.randn(2, 4, 9)
    rows = x.view(2, 4, *[1] * (dims - 1), 9)
    torch.testing.assert_close(block(rows).flatten(1), line(x).flatten(1), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_what_needs_more_than_one_row_changes_each_axis_alike(dims: int):
    """Halving, doubling, transitions, blur, the hourglass and the way up treat the axes alike."""
    torch.manual_seed(0)
    x = torch.randn(2, 4, *[8] * dims)
    blocks = [
        *(Halve(4, 6, dims=dims), Double(4, 6, dims=dims), Transition(4, 2, dims=dims)),
        *(Blur(dims=dims), Hourglass(4, 2, dims=dims), Down(4, 6, dims=dims)),
    ]
    assert [set(block(x).shape[2:]) for block in blocks] == [{4}, {16}, {4}, {4}, {8}, {4}]
    assert set(Up(4, 4, 3, dims=dims)(x, torch.randn(2, 4, *[17] * dims)).shape[2:]) == {17}


@pytest.mark.parametrize("dims", [2, 3])
def test_a_turned_map_gives_the_turned_result(dims: int):
    """Swapping two axes of the map and of every kernel swaps those of the result."""
    torch.manual_seed(0)
    for build in (BLOCKS["Basic"], BLOCKS["Inception"], BLOCKS["DenseBlock"], BLOCKS["FractalUnit"]):
        block, turned = build(dims).eval(), build(dims).eval()
        turned.load_state_dict(block.state_dict())
        for parameter in turned.parameters():
            if parameter.ndim > 2:
                parameter.data = parameter.data.transpose(2, 3).contiguous()
        x = torch.randn(2, 4, *[5, 6, 4][:dims])
        torch.testing.assert_close(turned(x.transpose(2, 3)), block(x).transpose(2, 3), atol=1e-5, rtol=1e-4)


def test_a_scale_before_a_batch_norm_does_nothing():
    """Why a convolution before a norm needs no bias and may be drawn at any scale (Ioffe & Szegedy 2015)."""
    torch.manual_seed(0)
    block, x = NormedConv(4, 6), torch.randn(8, 4, 6, 6)
    before = block(x)
    block.conv.weight.data *= 7
    torch.testing.assert_close(block(x), before, atol=1e-4, rtol=1e-4)
