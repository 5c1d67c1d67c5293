"""Filters, correlation and convolution against scipy and torch; learning a kernel."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
import torch
from torch.nn import functional as F

from netwright.blocks.filters import (
    FILTERS,
    convolve,
    corr,
    corr_channels,
    filtered,
    gaussian,
    learn_kernel,
)
from netwright.errors import UsageError


def test_there_are_the_filters_everyone_starts_from():
    assert set(FILTERS) == {"mean", "sobel-x", "sobel-y", "sharpen", "gaussian", "laplace", "edge"}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_each_channel_is_correlated_by_itself(name: str, channels: int):
    image = torch.rand(channels, 9, 8, dtype=torch.float64)
    expected = [
        scipy.signal.correlate2d(plane, FILTERS[name].double(), mode="valid") for plane in image.numpy()
    ]
    np.testing.assert_allclose(filtered(image, FILTERS[name]), np.stack(expected), atol=1e-6)


@pytest.mark.parametrize(("name", "axis"), [("sobel-x", 1), ("sobel-y", 0)])
def test_sobel_both_ways_is_scipy_s(name: str, axis: int):
    image = np.random.default_rng(0).normal(size=(9, 9))
    ours = filtered(torch.from_numpy(image)[None], FILTERS[name])[0]
    np.testing.assert_allclose(ours, scipy.ndimage.sobel(image, axis)[1:-1, 1:-1], atol=1e-12)


def test_laplace_is_scipy_s():
    image = np.random.default_rng(0).normal(size=(9, 9))
    ours = filtered(torch.from_numpy(image)[None], FILTERS["laplace"])[0]
    np.testing.assert_allclose(ours, scipy.ndimage.laplace(image)[1:-1, 1:-1], atol=1e-12)


@pytest.mark.parametrize(("name", "kept"), [("mean", 1), ("gaussian", 1), ("sharpen", 1), ("laplace", 0)])
def test_smoothing_keeps_a_flat_image_and_differences_silence_it(name: str, kept: float):
    flat = torch.full((2, 5, 5), 3.0)
    torch.testing.assert_close(filtered(flat, FILTERS[name]), torch.full((2, 3, 3), 3.0 * kept))


def test_a_batch_is_taken_too_and_bytes_are_read_as_they_are():
    assert filtered(torch.zeros(4, 3, 6, 6), FILTERS["mean"]).shape == (4, 3, 4, 4)


@pytest.mark.parametrize(("size", "sigma"), [(3, 0.5), (7, 1.5), (8, 2.0)])
def test_gaussian_is_the_normal_density_that_sums_to_one(size: int, sigma: float):
    line = scipy.signal.windows.gaussian(size, sigma)
    expected = np.outer(line, line) / np.outer(line, line).sum()
    np.testing.assert_allclose(gaussian(size, sigma), expected, rtol=1e-5)


def test_the_first_exercise():
    """[[0..8]] with [[0, 1], [2, 3]]."""
    kernel = torch.tensor([[0.0, 1], [2, 3]])
    assert corr(torch.arange(9.0).view(3, 3), kernel).tolist() == [[19, 25], [37, 43]]


def test_the_edge_image():
    """A white image with a black band: 1 where white turns black, -1 where black turns white."""
    image = torch.ones(6, 8)
    image[:, 2:6] = 0
    edges = corr(image, torch.tensor([[1.0, -1.0]]))
    assert edges.tolist() == [[0, 1, 0, 0, 0, -1, 0]] * 6
    assert not corr(image.T, torch.tensor([[1.0, -1.0]])).any()


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (4, 2)])
def test_corr_and_convolve_are_scipy_s(size: tuple[int, int]):
    x, kernel = torch.randn(7, 6, dtype=torch.float64), torch.randn(size, dtype=torch.float64)
    np.testing.assert_allclose(corr(x, kernel), scipy.signal.correlate2d(x, kernel, mode="valid"), atol=1e-12)
    np.testing.assert_allclose(
        convolve(x, kernel), scipy.signal.convolve2d(x, kernel, mode="valid"), atol=1e-12
    )


def test_channels_in_and_out_are_torch_s_convolution():
    x, kernels = torch.randn(3, 7, 6), torch.randn(5, 3, 2, 3)
    torch.testing.assert_close(corr_channels(x, kernels), F.conv2d(x[None], kernels)[0])


def test_a_1x1_kernel_is_a_matrix_product_over_channels():
    x, kernels = torch.randn(3, 4, 4), torch.randn(2, 3, 1, 1)
    product = (kernels[:, :, 0, 0] @ x.flatten(1)).view(2, 4, 4)
    torch.testing.assert_close(corr_channels(x, kernels), product)


@pytest.mark.parametrize("seed", range(5))
def test_the_edge_kernel_is_learnt_from_what_it_did(seed: int):
    image = torch.ones(6, 8)
    image[:, 2:6] = 0
    learnt = learn_kernel(image, corr(image, torch.tensor([[1.0, -1.0]])), seed=seed)
    assert learnt.shape == (1, 2)
    assert (learnt - torch.tensor([[1.0, -1.0]])).abs().max() < 0.05


def test_any_kernel_is_learnt_from_a_noisy_enough_image():
    torch.manual_seed(0)
    x, kernel = torch.randn(20, 20), torch.randn(3, 2)
    torch.testing.assert_close(learn_kernel(x, corr(x, kernel)), kernel, atol=1e-3, rtol=0)


def test_fewer_steps_or_a_lower_learning_rate_come_less_near():
    torch.manual_seed(0)
    x, kernel = torch.randn(20, 20), torch.randn(3, 2)
    y = corr(x, kernel)
    errors = [
        float((learn_kernel(x, y, steps=steps, lr=lr) - kernel).abs().max())
        for steps, lr in ((20, 0.5), (2, 0.5), (2, 0.1))
    ]
    assert errors == sorted(errors)


def test_what_does_not_fit_is_refused():
    with pytest.raises(UsageError, match=r"the kernel \(3, 3\) is larger than \(2, 5\); pad"):
        corr(torch.zeros(2, 5), torch.zeros(3, 3))
    with pytest.raises(UsageError, match="kernels take 2 channels, but the image has 3"):
        corr_channels(torch.zeros(3, 4, 4), torch.zeros(1, 2, 1, 1))
    with pytest.raises(UsageError, match=r"output \(4, 4\) is larger than the input \(3, 4\)"):
        learn_kernel(torch.zeros(3, 4), torch.zeros(4, 4))
