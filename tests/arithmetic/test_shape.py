"""Shapes as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.arithmetic.shape import parse, show
from netwright.errors import ShapeError


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=5).map(tuple))
def test_a_written_shape_reads_back(shape: tuple[int, ...]):
    assert parse(show(shape)) == shape


@pytest.mark.parametrize("text", ["", "3x", "x3", "3,32,32", "3x-1x2", "0", "3x032", "3x٣", "3 x 3", "axb"])
def test_what_is_no_shape_is_refused_with_its_text(text: str):
    with pytest.raises(ShapeError, match="is no shape: write positive sizes"):
        parse(text)
