"""What is kept of inputs, against numpy on the whole arrays."""

import numpy as np
import pytest

from netwright.lint.survey import sketch as room
from netwright.lint.survey.sketch import sketch


@pytest.mark.parametrize("shape", [(4, 2, 50), (4, 3, 20, 31), (3, 1, 7, 9, 11), (2, 1, 5, 6)])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "float32"])
def test_moments_and_extremes_are_those_of_the_values(shape, dtype):
    values = (np.random.default_rng(0).normal(size=shape) * 40 + 120).clip(0, 255).astype(dtype)
    kept = sketch(values)
    flat = values.astype(np.float64).reshape(*shape[:2], -1)
    assert np.allclose(kept.mean, flat.mean(2), rtol=1e-6)
    assert np.allclose(kept.std, flat.std(2), rtol=1e-4)
    assert (kept.low == flat.min(2)).all()
    assert (kept.high == flat.max(2)).all()
    assert not kept.bad.any()


@pytest.mark.parametrize("shape", [(2, 3, 40, 17), (1, 1, 30, 12, 13), (3, 1, 301)])
def test_pieces_give_what_the_whole_gives(shape, monkeypatch):
    values = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    whole = sketch(values)
    monkeypatch.setattr(room, "ELEMENTS", 200)
    pieces = sketch(values)
    assert np.allclose(whole.small, pieces.small, atol=1e-5)
    assert np.allclose(whole.mean, pieces.mean)
    assert np.allclose(whole.std, pieces.std)


def test_values_that_are_no_numbers_are_counted_and_left_out():
    values = np.array([[[1.0, np.nan, 5.0, np.inf]], [[2.0, 2.0, 2.0, 4.0]]])
    kept = sketch(values)
    assert kept.bad.tolist() == [[2], [0]]
    assert kept.mean.tolist() == [[3.0], [2.5]]
    assert kept.low.tolist() == [[1.0], [2.0]]
    assert kept.high.tolist() == [[5.0], [4.0]]


def test_an_input_of_nan_alone_has_no_extremes():
    kept = sketch(np.full((1, 1, 4), np.nan))
    assert kept.low[0, 0] > kept.high[0, 0]
    assert not kept.small.any()


def test_equal_inputs_have_equal_digests_and_others_do_not():
    values = np.random.default_rng(2).integers(0, 255, (3, 1, 8, 8), np.uint8)
    values[2] = values[0]
    one, two, three = sketch(values).digests
    assert one == three != two
    assert sketch(values.astype(np.int16)).digests[0] != one


def test_the_product_of_small_pictures_is_the_correlation_of_block_means():
    values = np.random.default_rng(3).integers(0, 255, (2, 3, 64, 32), np.uint8)
    blocks = values.mean(1).reshape(2, 16, 4, 16, 2).mean((2, 4)).reshape(2, -1)
    small = sketch(values).small
    assert np.isclose(float(small[0] @ small[1]), np.corrcoef(blocks)[0, 1], atol=1e-5)
    assert np.isclose(float(small[0] @ small[0]), 1)


def test_a_constant_input_has_no_small_picture():
    assert not sketch(np.full((1, 1, 20, 20), 90, np.uint8)).small.any()
    assert sketch(np.full((1, 1, 20, 20), 90, np.uint8)).std[0, 0] == 0
