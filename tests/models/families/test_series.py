"""The residual network for time series."""

import pytest
import torch
from torch import nn

from models.counting import params, runs
from netwright.models.families.series import SeriesBlock, series_resnet


def test_parameters_follow_from_the_figure():
    """Kernels 7, 5, 3 at 64, 128 and 128 channels, normed, with 1x1 or normed shortcuts."""

    def block(a: int, b: int) -> int:
        shortcut = 2 * b if a == b else a * b + 2 * b
        return 7 * a * b + 5 * b * b + 3 * b * b + 6 * b + shortcut

    assert params("series_resnet") == block(1, 64) + block(64, 128) + block(128, 128) + 128 * 2 + 2


@pytest.mark.parametrize("length", [1, 5, 24, 100])
def test_series_of_any_length(length: int):
    net = series_resnet(width=4, channels=6, classes=4).eval()
    assert net(torch.zeros(3, 6, length)).shape == (3, 4)


def test_a_block_keeps_the_length_and_norms_its_shortcut():
    block = SeriesBlock(4, 4)
    assert isinstance(block.shortcut, nn.BatchNorm1d)
    for parameter in block.branch.parameters():
        nn.init.zeros_(parameter)
    x = torch.randn(2, 4, 9)
    torch.testing.assert_close(block(x), nn.functional.batch_norm(x, None, None, training=True).relu())


def test_one_forward_and_backward():
    assert runs(lambda: series_resnet(width=4, channels=6, classes=4), 6, 24).shape == (2, 4)
