"""Windows, interpolation, padding and shuffles against gradients, on the space and the channel axes."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from agreement import disagreement


def constant(module):
    """Return a module with equal positive weights, in double precision."""
    for parameter in module.parameters():
        nn.init.constant_(parameter, 0.5)
    return module.double()


EXACT = {
    "halves exchanged": (lambda x: torch.fft.fftshift(x, dim=2), (2, 5)),
    "halves of all axes exchanged": (lambda x: torch.fft.fftshift(x[0]), (3, 4)),
    "halves exchanged back": (lambda x: torch.fft.ifftshift(torch.fft.fftshift(x, dim=2), dim=2), (2, 5)),
    "roll to the left": (lambda x: x.roll(-1, -1), (2, 4)),
    "rows turned": (lambda x: x[0].fliplr(), (2, 4)),
    "tile": (lambda x: x.tile(2), (2, 3)),
    "reflecting two axes": (nn.ReflectionPad2d((1, 2, 0, 1)), (1, 3, 4)),
    "replicating three axes": (nn.ReplicationPad3d(1), (1, 2, 2, 3)),
    "channels padded": (lambda x: F.pad(x, (0, 0, 1, 1)), (2, 3)),
    "no batch": (lambda x: F.conv1d(x[0], torch.ones(2, 2, 3, dtype=x.dtype, device=x.device)), (2, 6)),
    "adaptive without a batch": (lambda x: F.adaptive_avg_pool1d(x[0], 2), (2, 5)),
    "power pooling of two axes": (nn.LPPool2d(2, (2, 1), stride=(1, 2)), (1, 4, 4)),
    "nearest, exactly": (nn.Upsample(scale_factor=1.5, mode="nearest-exact"), (1, 5)),
    "under a weight norm": (
        constant(nn.utils.parametrizations.weight_norm(nn.Conv1d(2, 2, 3))),
        (2, 6),
    ),
    "conv1d": (constant(nn.Conv1d(2, 3, 3, 2, 1)), (2, 9)),
    "conv2d": (constant(nn.Conv2d(2, 2, (3, 2), (1, 2), (0, 1), (2, 1))), (2, 6, 7)),
    "conv3d": (constant(nn.Conv3d(1, 1, 2, 2)), (1, 4, 4, 4)),
    "same padding": (constant(nn.Conv1d(1, 1, 3, padding="same", dilation=2)), (1, 8)),
    "grouped": (constant(nn.Conv1d(4, 4, 3, groups=2)), (4, 6)),
    "depthwise": (constant(nn.Conv2d(3, 6, 3, groups=3, padding=1)), (3, 4, 4)),
    "padded 1x1": (constant(nn.Conv2d(2, 2, 1, padding=1)), (2, 3, 3)),
    "reflecting": (constant(nn.Conv1d(1, 1, 3, padding=2, padding_mode="reflect")), (1, 6)),
    "circular": (constant(nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular")), (1, 5, 5)),
    "transposed": (constant(nn.ConvTranspose2d(2, 2, 3, 2, 1, 1)), (2, 4, 3)),
    "transposed with gaps": (constant(nn.ConvTranspose2d(1, 1, 1, 2)), (1, 3, 3)),
    "transposed in groups": (constant(nn.ConvTranspose1d(4, 4, 2, 2, groups=2)), (4, 3)),
    "average pooling": (nn.AvgPool2d(3, 2, 1, ceil_mode=True), (1, 6, 6)),
    "power pooling": (nn.LPPool1d(2, 2), (1, 6)),
    "adaptive pooling": (nn.AdaptiveAvgPool2d((3, None)), (1, 7, 5)),
    "global pooling": (nn.AdaptiveAvgPool2d(1), (2, 4, 4)),
    "pixel shuffle": (nn.PixelShuffle(2), (8, 2, 3)),
    "pixel unshuffle": (nn.PixelUnshuffle(2), (1, 4, 6)),
    "channel shuffle": (lambda x: F.channel_shuffle(x, 2), (4, 2, 2)),
    "there and back": (nn.Sequential(nn.PixelUnshuffle(2), nn.PixelShuffle(2)), (1, 4, 4)),
    "unfold columns": (nn.Unfold((2, 3), dilation=(2, 1), stride=2), (1, 6, 5)),
    "unfold an axis": (lambda x: x.unfold(2, 3, 2), (2, 9)),
    "fold": (lambda x: F.fold(x, (4, 4), (2, 2), stride=(2, 1)), (4, 6)),
    "flip": (lambda x: x.flip(1, -1), (2, 5)),
    "roll": (lambda x: x.roll((1, -2), (2, 3)), (1, 4, 5)),
    "roll all": (lambda x: x.roll(3), (2, 3)),
    "repeat": (lambda x: x.repeat(1, 2, 3), (2, 3)),
    "repeat in front": (lambda x: x.repeat(2, 1, 1, 2), (2, 3)),
    "repeat each": (lambda x: x.repeat_interleave(2, 2), (2, 3)),
    "crop by padding": (lambda x: F.pad(x, (-1, 2, 1, 0)), (1, 4, 4)),
    "bilinear": (nn.Upsample(scale_factor=2, mode="bilinear"), (1, 3, 4)),
    "aligned": (nn.Upsample(size=(5, 4), mode="bilinear", align_corners=True), (1, 3, 3)),
    "recomputed factor": (
        lambda x: F.interpolate(x, scale_factor=1.7, mode="linear", recompute_scale_factor=True),
        (1, 5),
    ),
    "area": (lambda x: F.interpolate(x, (3, 2), mode="area"), (1, 5, 4)),
    "trilinear": (nn.Upsample(scale_factor=(1, 2, 1.5), mode="trilinear"), (1, 2, 2, 2)),
}

CONTAINED = {
    "max pooling with indices": (lambda x: F.max_pool1d(x, 2, return_indices=True)[0], (1, 6)),
    "adaptive max pooling with indices": (
        lambda x: F.adaptive_max_pool2d(x, 2, return_indices=True)[0],
        (1, 5, 5),
    ),
    "pooling undone": (lambda x: F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2), (1, 4, 4)),
    "turned by a quarter": (lambda x: x.rot90(1, (2, 3)), (1, 2, 3)),
    "max pooling": (nn.MaxPool2d(3, 2, 1), (1, 6, 6)),
    "padding only in one unfolded axis": (nn.Unfold((2, 2), padding=1), (1, 3, 3)),
    "adaptive max pooling": (nn.AdaptiveMaxPool1d(3), (1, 7)),
    "bicubic": (nn.Upsample(size=(5, 7), mode="bicubic"), (1, 4, 4)),
    "antialiased": (lambda x: F.interpolate(x, (2, 3), mode="bilinear", antialias=True), (1, 6, 7)),
    "repeats that are data": (lambda x: x.repeat_interleave(torch.tensor([1, 2]), 1), (2, 3)),
}


@pytest.mark.parametrize(("function", "shape"), EXACT.values(), ids=EXACT)
def test_the_sets_are_those_of_the_gradient(function, shape):
    assert disagreement(function, shape) == ""


@pytest.mark.parametrize(("function", "shape"), CONTAINED.values(), ids=CONTAINED)
def test_the_sets_contain_those_of_the_gradient(function, shape):
    assert disagreement(function, shape, exact=False) == ""


def test_the_comparison_notices_a_surplus_position_and_a_missing_one():
    assert "more than" in disagreement(nn.MaxPool1d(2), (1, 4))
    assert "further" in disagreement(_Hide.apply, (1, 3), exact=False)


class _Hide(torch.autograd.Function):
    """Passes a gradient to every position while only the first is read."""

    @staticmethod
    def forward(ctx, x):
        return x[..., :1].clone()

    @staticmethod
    def backward(ctx, gradient):
        return gradient.expand(1, 1, 3)
