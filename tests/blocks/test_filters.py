"""The filter library, against scipy."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
import torch

from netwright.blocks.filters import FILTERS, filtered, gaussian


def test_there_are_the_filters_everyone_starts_from():
    assert set(FILTERS) == {"mean", "sobel-x", "sobel-y", "sharpen", "gaussian", "laplace", "edge"}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_each_channel_is_correlated_for_itself(name: str, channels: int):
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
