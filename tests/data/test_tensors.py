"""Splits, data and their moments, against numpy in double precision."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.data.examples import Data, Split, moments
from netwright.data.kinds import Kind


def split(n: int = 5) -> Split:
    return Split(torch.arange(n, dtype=torch.uint8).view(n, 1, 1, 1), {Kind.CLASS: torch.arange(n)})


def test_a_split_is_as_long_as_its_targets():
    assert len(split(7)) == 7


def test_the_input_shape_leaves_the_batch_out():
    images = Split(
        torch.zeros(2, 3, 4, 5, dtype=torch.uint8), {Kind.CLASS: torch.zeros(2, dtype=torch.int64)}
    )
    assert Data("x", ("a", "b"), images, images, images, (0.0,), (1.0,), "d").input == (3, 4, 5)


@settings(deadline=None, max_examples=30)
@given(n=st.integers(1, 40), channels=st.integers(1, 4), side=st.integers(1, 6), seed=st.integers(0, 99))
def test_moments_are_those_of_numpy(n: int, channels: int, side: int, seed: int):
    values = np.random.default_rng(seed).integers(0, 256, (n, channels, side, side), dtype=np.uint8)
    mean, std = moments(torch.from_numpy(values))
    np.testing.assert_allclose(mean, (values / 255).mean((0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(std, (values / 255).std((0, 2, 3)), atol=1e-7)


def test_moments_span_more_images_than_one_chunk():
    values = torch.cat([torch.zeros(1500, 1, 2, 2), torch.full((1500, 1, 2, 2), 255.0)]).to(torch.uint8)
    assert moments(values) == ((0.5,), (0.5,))


def test_a_constant_channel_has_no_deviation():
    assert moments(torch.full((3, 1, 5, 5), 77, dtype=torch.uint8))[1] == (0.0,)
