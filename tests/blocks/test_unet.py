"""U-Net parts."""

import pytest
import torch
from torch import nn

from netwright.blocks.pooling import strided
from netwright.blocks.unet import CroppedUp, Down, Pair, Up, crop, pad, resized, transposed, valid
from netwright.errors import UsageError


def test_a_valid_pair_loses_four_and_has_no_norm():
    pair = Pair(3, 8, conv=valid)
    assert pair(torch.zeros(1, 3, 572, 10)).shape == (1, 8, 568, 6)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in pair.modules())


def test_crop_takes_the_centre_of_the_skip():
    skip, x = torch.arange(7.0).view(1, 1, 7), torch.full((1, 1, 3), -1.0)
    assert crop(skip, x).tolist() == [[[2, 3, 4], [-1, -1, -1]]]


def test_crop_at_the_published_sizes():
    """64x64 beside 56x56: a border of 4 goes (Ronneberger 2015, Fig. 1)."""
    skip = torch.zeros(1, 1, 64, 64)
    skip[..., 4:60, 4:60] = 1
    assert crop(skip, torch.zeros(1, 1, 56, 56))[:, 0].all()


def test_crop_refuses_a_skip_that_is_too_small():
    with pytest.raises(UsageError, match=r"the skip \(3,\) is smaller than the map \(4,\); use `Up`"):
        crop(torch.zeros(1, 1, 3), torch.zeros(1, 1, 4))


def test_pad_repeats_the_far_edge_on_each_axis():
    skip, x = torch.zeros(1, 1, 3, 5), torch.tensor([[[[1.0, 2, 3, 4], [5, 6, 7, 8]]]])
    assert pad(skip, x)[0, 1].tolist() == [[1, 2, 3, 4, 4], [5, 6, 7, 8, 8], [5, 6, 7, 8, 8]]


@pytest.mark.parametrize("up", [transposed, resized])
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_both_ways_up_double_and_may_halve_the_channels(up, dims: int):
    assert up(6, 3, dims)(torch.zeros(1, 6, *[4] * dims)).shape == (1, 3, *[8] * dims)


def test_up_puts_the_skip_first_and_may_keep_its_channels_while_rising():
    up = Up(6, 3, 4, up_channels=6)
    assert up.pair[0].conv.in_channels == 9
    x, skip = torch.randn(1, 6, 4, 4), torch.randn(1, 3, 8, 8)
    torch.testing.assert_close(up(x, skip), up.pair(torch.cat([skip, up.up(x)], 1)))


def test_cropped_up_is_the_published_step():
    up = CroppedUp(1024, 512, 512, conv=valid)
    with torch.device("meta"):
        assert up.to("meta")(torch.empty(1, 1024, 28, 28), torch.empty(1, 512, 64, 64)).shape == (
            1, 512, 52, 52
        )  # fmt: skip


def test_down_takes_a_pooling_and_a_middle():
    down = Down(4, 8, middle=5, pool=strided)
    assert isinstance(down[0], nn.Conv2d)
    assert [pair.conv.out_channels for pair in down[1]] == [5, 8]
