"""Edges of images and masks on a coarse grid."""

import numpy as np
import pytest

from netwright.lint.survey.outlines import SIDE, on_grid, outline, unit
from planted import scene


def test_a_mask_has_its_edges_where_its_image_has_them():
    image, mask = scene(0)
    other = scene(1)[1]
    ours, theirs = (outline(image.transpose(2, 0, 1), drawn) for drawn in (mask, other))
    assert (ours.image * ours.mask).sum() > 2 * abs((theirs.image * theirs.mask).sum())


@pytest.mark.parametrize("shape", [(64, 64), (128, 192)])
def test_cells_are_block_means(shape):
    values = np.random.default_rng(0).normal(size=shape)
    blocks = values.reshape(SIDE, shape[0] // SIDE, SIDE, shape[1] // SIDE).mean((1, 3))
    assert np.allclose(on_grid(values), blocks)


def test_small_images_are_spread_over_the_grid():
    assert on_grid(np.ones((10, 20))).shape == (SIDE, SIDE)


def test_a_pair_without_edges_or_of_different_sizes_has_no_outline():
    image = np.random.default_rng(1).normal(size=(1, 20, 20))
    assert outline(image, np.zeros((20, 20), int)) is None
    assert outline(image, np.eye(21, dtype=int)) is None
    assert outline(np.ones((1, 20, 20)), np.eye(20, dtype=int)) is None


def test_of_a_volume_the_plane_with_the_longest_edges_is_taken():
    mask = np.zeros((5, 16, 16), int)
    mask[2, ::2] = 1
    image = np.zeros((1, 5, 16, 16))
    image[0, 2] = mask[2] * 7
    taken = outline(image, mask)
    assert np.isclose((taken.image.astype(float) * taken.mask).sum(), 1, atol=1e-2)


def test_values_that_are_no_numbers_make_no_edges_that_are_none():
    image, mask = np.random.default_rng(2).normal(size=(1, 20, 20)), np.eye(20, dtype=int)
    image[0, 3, 3] = np.nan
    assert np.isfinite(outline(image, mask).image).all()


def test_a_unit_has_mean_0_and_norm_1():
    values = unit(np.random.default_rng(3).normal(size=(8, 8)) + 5).astype(float)
    assert abs(values.mean()) < 1e-3
    assert np.isclose(np.square(values).sum(), 1, atol=1e-2)
