"""Inception blocks and the trick of the 1x1."""

import torch

from netwright.analysis.macs import macs
from netwright.blocks.conv import Point, convolution
from netwright.blocks.inception import Inception, NaiveInception
from netwright.blocks.norm import none


def count(net: torch.nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def test_the_branches_stand_in_the_order_of_the_figure():
    block, x = Inception(8, 2, (3, 4), (2, 3), 5).eval(), torch.randn(2, 8, 6, 6)
    y = block(x)
    for branch, part in zip(block, y.split([2, 4, 3, 5], 1), strict=True):
        torch.testing.assert_close(part, branch(x))


def test_the_naive_block_passes_its_pooled_input_on():
    x = torch.randn(2, 8, 6, 6)
    pooled = torch.nn.functional.max_pool2d(x, 3, stride=1, padding=1)
    torch.testing.assert_close(NaiveInception(8, 2, 4, 3)(x)[:, -8:], pooled)


def test_the_first_block_of_googlenet_has_the_weights_of_table_1():
    """192 channels to 64 + 128 + 32 + 32: 163,696 with biases (159 K in Table 1, which counts weights)."""
    block = Inception(192, 64, (96, 128), (16, 32), 32, norm=none)
    assert count(block) == 192 * 64 + 192 * 96 + 9 * 96 * 128 + 192 * 16 + 25 * 16 * 32 + 192 * 32 + 368


def test_a_1x1_before_a_5x5_saves_seven_tenths():
    """128 from 64 channels with 5x5 at 112x112, alone and after a 1x1 to 18 channels."""
    alone = convolution(64, 128, 5, bias=False)
    behind = torch.nn.Sequential(convolution(64, 18, 1, bias=False), convolution(18, 128, 5, bias=False))
    assert [count(alone), count(behind)] == [204_800, 58_752]
    assert [macs(net, (64, 112, 112)) for net in (alone, behind)] == [2_569_011_200, 736_985_088]


def test_a_reduction_is_a_point():
    block = Inception(8, 2, (3, 4), (2, 3), 5)
    assert isinstance(block[1][0], Point)
    assert isinstance(block[2][0], Point)
