"""Unions of sets over different axes get fewer and smaller terms and stay the same union."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import strategies  # noqa: F401  # loads the profile
from netwright.receptive.sets import index_map
from netwright.receptive.sets.index_sets import IndexSets, points
from netwright.receptive.sets.terms import blanked, everything, expanded, least, tidy

SIZES = (2, 3, 4)
EXTENT = 5


@st.composite
def terms(draw):
    """Draw supports over some axes of a map of 2 x 3 x 4 units."""
    dims = tuple(sorted(draw(st.sets(st.integers(0, 2)))))
    shape = (EXTENT, *[SIZES[d] for d in dims])
    bits = draw(st.lists(st.booleans(), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    return dims, IndexSets(np.array(bits, dtype=bool).reshape(shape))


def dense(several):
    """Return the union for every unit; False where it is read."""
    out = np.ones((EXTENT, *SIZES), dtype=bool)
    for dims, sets in several:
        out &= expanded(dims, sets, (0, 1, 2))
    return out


@given(st.lists(terms(), max_size=4))
def test_tidying_keeps_the_union_and_never_adds_a_term(several):
    tidied = tidy(several, EXTENT)
    np.testing.assert_array_equal(dense(tidied), dense(several))
    assert len(tidied) <= len(several)
    assert len({dims for dims, _ in tidied}) == len(tidied)


@given(terms(), st.integers(0, 2))
def test_least_joins_all_units_along_an_axis(term, dim):
    joined = dense(least([term], dim))
    expected = np.broadcast_to(dense([term]).all(axis=dim + 1, keepdims=True), joined.shape)
    np.testing.assert_array_equal(joined, expected)


def test_units_that_all_read_the_same_lose_the_axis():
    same = IndexSets(np.repeat(points(3, support=True).array[:, :, None], 4, axis=2))
    ((dims, sets),) = tidy([((0, 2), same)], 3)
    assert dims == (0,)
    assert sets.array.tolist() == points(3, support=True).array.tolist()


def test_one_unit_that_reads_everything_stands_for_all():
    constant = ((), IndexSets(np.zeros(3, dtype=bool)))
    tidied = tidy([((0,), points(3, support=True)), constant], 3)
    assert [dims for dims, _ in tidied] == [()]
    assert tidied is everything(3, True)
    assert (everything(3, False)[0][1].array == points(3).least(0).array).all()


def test_a_map_without_units_has_no_terms():
    assert tidy([((0,), points(3).take(0, index_map.strided(3, 0, 0)))], 3) == ()


def test_terms_that_read_nothing_vanish():
    assert tidy([((), IndexSets(np.ones(3, dtype=bool)))], 3) == ()


def test_blank_outputs_along_another_axis_read_nothing():
    dims, sets = blanked((1,), points(3, support=True), 0, index_map.padded(2, 1, 0))
    assert dims == (0, 1)
    assert sets.array[:, 0].all()
    assert (~sets.array[:, 1]).sum() == 3
