"""Ways to shrink a map, against torch and numpy."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from netwright.blocks.pooling import POOLS, Blur, GlobalAverage, average, blurred, maximum, strided


@pytest.mark.parametrize("factor", [2, 3])
def test_maximum_and_average_are_torch_s(factor: int):
    x = torch.randn(2, 3, 11, 8)
    torch.testing.assert_close(maximum(3, factor, 2)(x), F.max_pool2d(x, factor))
    torch.testing.assert_close(average(3, factor, 2)(x), F.avg_pool2d(x, factor))


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_strided_learns_a_window_as_large_as_its_stride(dims: int):
    conv = strided(3, 2, dims)
    assert (conv.kernel_size, conv.stride, conv.padding) == ((2,) * dims, (2,) * dims, (0,) * dims)


def test_blur_is_the_binomial_filter_with_the_edge_mirrored():
    x = np.random.default_rng(0).normal(size=9)
    expected = np.convolve(np.pad(x, 1, mode="reflect"), [0.25, 0.5, 0.25], mode="valid")
    for factor in (1, 2, 3):
        blurred = Blur(factor, dims=1).double()(torch.from_numpy(x)[None, None])
        np.testing.assert_allclose(blurred[0, 0].numpy(), expected[::factor])


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_blur_keeps_a_constant_map(dims: int):
    x = torch.full((1, 2, *[5] * dims), 3.0)
    torch.testing.assert_close(Blur(dims=dims)(x), torch.full((1, 2, *[3] * dims), 3.0))


def test_blur_pooling_moves_less_than_max_pooling_when_the_image_moves():
    """What it is for (Zhang 2019): a shift by one changes the pooled map less."""
    torch.manual_seed(0)
    x = torch.randn(8, 1, 64)
    moved = x.roll(1, -1)

    def change(pool: nn.Module) -> float:
        return float((pool(moved) - pool(x))[..., 2:-2].square().mean())

    assert change(blurred(1, 2, 1)) < 0.5 * change(maximum(1, 2, 1))


def test_blur_has_nothing_to_save_or_train():
    assert not Blur().state_dict()
    assert "factor=2" in repr(Blur())


def test_global_average_is_the_mean_of_each_channel():
    x = torch.randn(2, 3, 4, 5)
    torch.testing.assert_close(GlobalAverage()(x), x.mean((2, 3)))


def test_every_name_halves_an_even_map():
    x = torch.randn(2, 3, 8, 8)
    assert {POOLS[name](3, 2, 2)(x).shape for name in POOLS} == {(2, 3, 4, 4)}
