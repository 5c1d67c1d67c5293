"""The hourglass module."""

import pytest
import torch
from torch import nn

from netwright.blocks.hourglass import HalfBottleneck, Hourglass
from netwright.blocks.residual import Basic
from netwright.errors import UsageError


class Keep(nn.Module):
    """A block that does nothing, to see the wiring alone."""

    def __init__(self, channels: int, out: int, *, dims: int):
        super().__init__()

    def forward(self, x):
        return x


def test_the_wiring_adds_the_pooled_map_of_every_size():
    x = torch.randn(1, 2, 8, 8)
    pooled = [nn.functional.max_pool2d(x, 2**k) for k in range(4)]
    expected = sum(nn.functional.interpolate(p, size=(8, 8)) for p in pooled)
    torch.testing.assert_close(Hourglass(2, 3, block=Keep)(x), expected)


def test_depth_counts_blocks_three_a_level_and_one_in_the_middle():
    blocks = [m for m in Hourglass(8, 4).modules() if isinstance(m, HalfBottleneck)]
    assert len(blocks) == 3 * 4 + 1


def test_an_odd_map_comes_back_at_its_own_size():
    assert Hourglass(4, 2)(torch.zeros(2, 4, 7, 9)).shape == (2, 4, 7, 9)


def test_a_map_that_cannot_be_halved_is_refused():
    with pytest.raises(UsageError, match=r"a map of \(1, 1\) cannot be halved; take a lower `depth`"):
        Hourglass(4, 3)(torch.zeros(2, 4, 4, 4))


def test_the_residual_narrows_to_half():
    assert HalfBottleneck(8, 8).branch[0].out_channels == 4


def test_another_block_may_stand_in():
    assert any(isinstance(m, Basic) for m in Hourglass(4, 1, block=Basic).modules())
