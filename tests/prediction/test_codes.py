"""Which pixels belong to which positions of the output, and how codes stand for classes."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.arithmetic.grid import Axis
from netwright.prediction.codes import Codes, owned


@given(
    stride=st.sampled_from([Fraction(1), Fraction(2), Fraction(4), Fraction(1, 2), Fraction(3, 2)]),
    halves=st.integers(-4, 9),
    size=st.integers(2, 12),
    side=st.integers(1, 40),
    cut=st.integers(1, 11),
)
def test_pixels_of_parts_are_those_of_the_whole_axis(stride, halves, size, side, cut):
    """`Axis.positions` names the position of each pixel; parts own just their pixels, in local numbers."""
    axis = Axis(stride, Fraction(halves, 2), size, side)
    wanted = axis.positions()
    found = [-1] * side
    for place in (slice(0, min(cut, size)), slice(min(cut, size), size)):
        if place.start == place.stop:
            continue
        pixels, local = owned(axis, place, side)
        if pixels.start >= pixels.stop:
            continue
        assert local.input == pixels.stop - pixels.start
        assert local.size == place.stop - place.start
        for pixel, position in zip(range(pixels.start, pixels.stop), local.positions(), strict=True):
            assert found[pixel] == -1
            found[pixel] = position + place.start
    assert found == wanted


@pytest.mark.parametrize("classes", [3, 255, 300])
def test_codes_stand_for_classes_and_for_none(classes):
    made = object.__new__(Codes)
    made.nothing = classes
    dtype = np.uint8 if classes < 256 else np.int32
    codes = np.array([0, classes - 1, classes], dtype)
    assert made.indices(codes).tolist() == [0, classes - 1, -1]
