"""U-Nets."""

import pytest
import torch
from torch import nn

from models.counting import layers, on_meta, params, runs
from netwright.analysis.macs import macs
from netwright.blocks.unet import resized
from netwright.models.families.unet import unet, unet3d, unet_same


def test_the_published_network_has_the_published_counts_and_sizes():
    """1x572x572 becomes 2x388x388 (Ronneberger 2015, Fig. 1)."""
    net = on_meta("unet")
    assert params(net) == 31_030_658
    assert round(macs(net, (1, 572, 572)) / 1e9, 3) == 150.428
    assert net(torch.empty(1, 1, 572, 572, device="meta")).shape == (1, 2, 388, 388)


def test_it_has_23_convolutions():
    """'In total the network has 23 convolutional layers', the four on the way up included."""
    assert layers(on_meta("unet"), (nn.Conv2d, nn.ConvTranspose2d)) == 23


def test_the_published_3d_network_has_the_published_sizes():
    """132x132x116 voxels of 3 channels become 44x44x28 (Çiçek 2016, Fig. 2)."""
    net = on_meta("unet3d")
    assert net(torch.empty(1, 3, 116, 132, 132, device="meta")).shape == (1, 3, 28, 44, 44)


def test_the_3d_count_is_the_paper_s_but_for_norms_and_biases():
    """19,069,955 = ours, less one of scale and shift a norm's channel, less the biases on the way up."""
    net = on_meta("unet3d")
    shifts = sum(m.num_features for m in net.modules() if isinstance(m, nn.BatchNorm3d))
    biases = sum(m.bias.numel() for m in net.modules() if isinstance(m, nn.ConvTranspose3d))
    assert params(net) - shifts - biases == 19_069_955


@pytest.mark.parametrize("shape", [(16, 16), (17, 23), (9,), (8, 11, 9)])
@pytest.mark.parametrize("up", ["transposed", "resized"])
def test_the_padded_network_keeps_any_size(shape: tuple[int, ...], up: str):
    net = on_meta(f"unet_same(width=2, depth=3, dims={len(shape)}, channels=3, classes=5, up='{up}')")
    y = net(torch.empty(2, 3, *shape, device="meta"))
    assert y.shape == (2, 5, *shape)


def test_the_padded_and_the_published_network_weigh_the_same_but_for_norms_and_biases():
    norms = sum(2 * m.num_features for m in on_meta("unet_same").modules() if isinstance(m, nn.BatchNorm2d))
    assert params("unet_same") - norms == params("unet") - norms // 2


def test_one_forward_and_backward():
    assert runs(lambda: unet(width=2, depth=1), 1, 20, 20).shape == (2, 2, 4, 4)
    assert runs(lambda: unet_same(width=2, depth=2, channels=3, up=resized), 3, 9, 9).shape == (2, 2, 9, 9)
    assert runs(lambda: unet_same(width=2, depth=2, dims=3), 1, 4, 5, 6).shape == (2, 2, 4, 5, 6)
    assert runs(lambda: unet3d(width=2, depth=1), 3, 20, 20, 20).shape == (2, 3, 4, 4, 4)
