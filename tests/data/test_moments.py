"""Moments of bytes, and moments in parts, against NumPy on the whole."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.data import moments as module
from netwright.data.moments import Moments, blocks, moments


@settings(deadline=None, max_examples=40)
@given(
    kind=st.sampled_from([np.uint8, np.uint16, np.int16, np.float32, np.float64]),
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    channels=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_moments_of_images_of_many_sizes(kind: type, sizes: list[int], channels: int, seed: int):
    random = np.random.default_rng(seed)
    images = [(random.random((channels, size, 5)) * 200).astype(kind) for size in sizes]
    collected = Moments()
    for image in images:
        collected.add(image)
    whole = np.concatenate([image.reshape(channels, -1) for image in images], 1).astype(np.float64)
    low, high = collected.range()
    mean, std = collected.values()
    np.testing.assert_allclose(mean, (whole.mean(1) - low) / (high - low), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(std, whole.std(1) / (high - low), rtol=1e-9, atol=1e-12)


def test_a_large_offset_costs_no_digits():
    collected = Moments()
    for part in np.array_split(1e8 + np.arange(1000.0), 7):
        collected.add(part[None, :, None])
    low, high = collected.range()
    assert collected.values()[1][0] * (high - low) == pytest.approx(np.arange(1000.0).std(), rel=1e-12)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [(np.uint8, (0, 255)), (np.uint16, (0, 65535)), (np.int16, (-5, 9)), (np.float32, (-5, 9))],
)
def test_the_range_is_that_of_the_type_or_what_occurs(kind: type, wanted: tuple[float, float]):
    collected = Moments()
    collected.add(np.array([[[1, 9]]]).astype(kind))
    collected.add(np.array([[[-5, 2]]]).astype(kind))
    assert collected.range() == wanted


def test_a_constant_image_has_a_range_that_can_be_divided_by():
    collected = Moments()
    collected.add(np.full((1, 2, 2), 4.0))
    assert collected.range() == (4.0, 5.0)
    assert collected.values() == ((0.0,), (0.0,))


def test_blocks_cover_an_array_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CHUNK", 12)
    values = np.arange(2 * 7 * 3).reshape(2, 7, 3)
    parts = list(blocks(values))
    assert len(parts) > 2
    np.testing.assert_array_equal(np.concatenate(parts, 1), values)


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
