"""Cuts cover an axis once, start at multiples of the stride, and mirror as an array is mirrored."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies  # noqa: F401  # loads the profile
from netwright.arithmetic.grid import Axis
from netwright.receptive.needs import Needs
from netwright.receptive.sets.interior import Interior
from netwright.training.cuts import Frame, cover, fitted, frame, mirrored


def padded(step, radius, side):
    """Return the grid and the need of a network that keeps the size and sees `radius` pixels each way."""
    interior = Interior(step, tuple((low - radius, low + radius) for low in range(step)))
    return Axis(Fraction(1), Fraction(0), side, side), Needs(step, interior)


@given(
    side=st.integers(1, 400),
    most=st.integers(1, 120),
    step=st.sampled_from([1, 2, 8]),
    radius=st.integers(0, 40),
)
def test_every_position_is_kept_once_and_is_right_unless_said_otherwise(side, most, step, radius):
    axis, need = padded(step, radius, side)
    length = fitted(most, Frame(side, side), need, axis)
    assert length == side or (side - length) % step == 0
    cuts = cover(length, Frame(side, side), Axis(Fraction(1), Fraction(0), length, length), need)
    kept = [position for _, first, stop in cuts.starts for position in range(first, stop)]
    assert kept == list(range(side))
    for start, first, stop in cuts.starts:
        assert 0 <= start <= side - length
        assert start % step == 0 or cuts.inexact
        assert start <= first < stop <= start + length
        if not cuts.inexact:
            assert start == 0 or first - radius >= start
            assert start + length == side or stop - 1 + radius < start + length
    assert bool(cuts.inexact) == (length < side and length < 2 * radius + step)


@given(side=st.integers(20, 300), length=st.integers(4, 40))
def test_where_everything_is_seen_a_quarter_at_each_side_is_left_out(side, length):
    need = Needs(1, None, "every position sees the whole input")
    axis = Axis(Fraction(1), Fraction(0), side, side)
    length = fitted(length, Frame(side, side), need, axis)
    cuts = cover(length, Frame(side, side), Axis(Fraction(1), Fraction(0), length, length), need)
    if length == side:
        assert not cuts.inexact
        return
    assert cuts.inexact == "every position sees the whole input"
    for start, first, stop in cuts.starts:
        assert start == 0 or first >= start + length // 4
        assert start + length == side or stop <= start + length - length // 4


def test_parts_name_the_window_the_place_and_the_pixel_of_the_first_kept_position():
    need = Needs(4, Interior(4, ((-4, 7),)))
    tile = Axis(Fraction(4), Fraction(3, 2), 8, 32)
    cuts = cover(32, Frame(64, 64), tile, need)
    assert cuts.axis == Axis(Fraction(4), Fraction(3, 2), 16, 64)
    parts = list(cuts.parts())
    assert [place for _, _, place, _ in parts] == [slice(0, 7), slice(7, 13), slice(13, 16)]
    window, kept, place, grid = parts[1]
    assert (window, kept) == (slice(24, 56), slice(1, 7))
    assert grid == Axis(Fraction(4), Fraction(11, 2), 6, 32)
    assert window.start + grid.offset == cuts.axis.offset + 4 * place.start


def test_a_frame_mirrors_what_valid_convolutions_lose_up_to_a_size_that_halves_evenly():
    valid = Axis(Fraction(1), Fraction(92), 388, 572)
    assert frame(500, 572, valid, 16, mirror=True) == Frame(500, 684, 92)
    assert (684 - 572) % 16 == 0
    assert frame(500, 572, valid, 16, mirror=False) == Frame(500, 500)
    assert frame(500, 572, Axis(Fraction(1), Fraction(0), 572, 572), 16, mirror=True) == Frame(500, 500)


def test_a_tile_that_is_too_short_says_how_long_it_must_be():
    axis, need = padded(8, 20, 160)
    cuts = cover(40, Frame(160, 160), Axis(Fraction(1), Fraction(0), 40, 40), need)
    assert "a position sees up to 41 pixels" in cuts.inexact
    assert "40 pixels are too short; take 57 or more" in cuts.inexact
    longer = cover(56, Frame(160, 160), Axis(Fraction(1), Fraction(0), 56, 56), need)
    assert longer.inexact == ""
    assert axis.size == longer.starts[-1][2]


@pytest.mark.parametrize("side", [1, 2, 5, 9])
@pytest.mark.parametrize("around", [0, 1, 4, 13])
def test_mirroring_is_that_of_numpy(side, around):
    index = mirrored(slice(-around, side + around), side)
    expected = np.pad(np.arange(side), around, mode="reflect" if side > 1 else "edge")
    assert index == expected.tolist()
