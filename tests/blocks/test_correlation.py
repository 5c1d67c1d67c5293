"""Cross-correlation and convolution, against torch and scipy; learning a kernel."""

import numpy as np
import pytest
import scipy.signal
import torch
from torch.nn import functional as F

from netwright.blocks.correlation import convolve, corr, corr_channels, learn_kernel
from netwright.errors import UsageError


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


def test_fewer_steps_or_a_lower_rate_come_less_near():
    torch.manual_seed(0)
    x, kernel = torch.randn(20, 20), torch.randn(3, 2)
    y = corr(x, kernel)
    errors = [
        float((learn_kernel(x, y, steps=steps, rate=rate) - kernel).abs().max())
        for steps, rate in ((20, 0.5), (2, 0.5), (2, 0.1))
    ]
    assert errors == sorted(errors)


def test_what_does_not_fit_is_refused():
    with pytest.raises(UsageError, match=r"the kernel \(3, 3\) is larger than \(2, 5\); pad"):
        corr(torch.zeros(2, 5), torch.zeros(3, 3))
    with pytest.raises(UsageError, match="kernels take 2 channels, and the image has 3"):
        corr_channels(torch.zeros(3, 4, 4), torch.zeros(1, 2, 1, 1))
    with pytest.raises(UsageError, match=r"output \(4, 4\) is larger than the input \(3, 4\)"):
        learn_kernel(torch.zeros(3, 4), torch.zeros(4, 4))
