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
def test_a_text_that_is_not_a_shape_is_refused_and_quoted(text: str):
    with pytest.raises(ShapeError, match="is not a shape; write positive sizes"):
        parse(text)
