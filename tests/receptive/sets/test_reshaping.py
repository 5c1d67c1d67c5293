"""Groups of axes agree with numpy's own reshape."""

from itertools import pairwise
from math import prod

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import strategies  # noqa: F401  # loads the profile
from netwright.receptive.sets.index_sets import IndexSets
from netwright.receptive.sets.motion import UNEVEN, WHOLE, Motion
from netwright.receptive.sets.reshaping import groups


@st.composite
def shapes(draw):
    """Draw two shapes with equally many units."""
    parts = draw(st.lists(st.sampled_from([1, 2, 3]), min_size=1, max_size=6))

    def merged():
        cuts = sorted(draw(st.sets(st.integers(1, len(parts)), max_size=len(parts))))
        edges = [0, *cuts, len(parts)]
        return tuple(prod(parts[a:b]) for a, b in pairwise(edges))

    return merged(), merged()


@given(shapes())
def test_groups_hold_as_many_units_before_as_after_and_cover_all_axes(pair):
    before, after = pair
    pairs = groups(before, after).pairs
    for old, new in pairs:
        assert prod(before[d] for d in old) == prod(after[d] for d in new)
    assert [d for old, _ in pairs for d in old] == [d for d, size in enumerate(before) if size > 1]
    assert [d for _, new in pairs for d in new] == [d for d, size in enumerate(after) if size > 1]


@given(shapes(), st.data())
def test_moved_sets_are_those_numpy_reshapes(pair, data):
    before, after = pair
    dims = tuple(sorted(data.draw(st.sets(st.integers(0, len(before) - 1)))))
    dims = tuple(d for d in dims if before[d] > 1)
    sizes = tuple(before[d] for d in dims)
    array = np.arange(2 * prod(sizes), dtype=np.int32).reshape(2, *sizes)
    (later, moved), exact = groups(before, after).move(dims, IndexSets(array), before, after, 1 << 20)
    assert exact
    full = array.reshape(2, *[before[d] if d in dims else 1 for d in range(len(before))])
    expected = np.broadcast_to(full, (2, *before)).reshape(2, *after)
    ours = moved.array.reshape(2, *[after[d] if d in later else 1 for d in range(len(after))])
    np.testing.assert_array_equal(np.broadcast_to(ours, (2, *after)), expected)


def test_sets_that_would_be_too_large_become_one_unit_and_are_inexact():
    array = np.arange(8, dtype=np.int32).reshape(2, 4)
    (later, moved), exact = groups((4, 5), (20,)).move((0,), IndexSets(array), (4, 5), (20,), largest=10)
    assert (later, exact) == ((), False)
    assert moved.array.tolist() == [0, 4]


def test_the_motion_follows_an_axis_that_stays_splits_or_repeats():
    rows = Motion("moving", 1)
    assert groups((2, 6, 3), (6, 2, 3)).carry(rows, (2, 6, 3), (6, 2, 3), {1}) is UNEVEN
    assert groups((2, 6), (2, 1, 6)).carry(rows, (2, 6), (2, 1, 6), {1}).dim == 2
    split = groups((2, 6), (2, 3, 2)).carry(rows, (2, 6), (2, 3, 2), {1})
    assert (split.dim, split.interior.at(1)) == (1, (2, 3))
    repeated = groups((2, 6, 2), (2, 12)).carry(rows, (2, 6, 2), (2, 12), {1})
    assert [repeated.interior.at(i) for i in range(3)] == [(0, 0), (0, 0), (1, 1)]
    assert groups((2, 6, 2), (2, 12)).carry(rows, (2, 6, 2), (2, 12), {1, 2}) is UNEVEN


def test_a_map_of_one_position_that_is_flattened_sees_it_whole():
    rows = Motion("moving", 1)
    assert groups((4, 1), (4,)).carry(rows, (4, 1), (4,), set()) is WHOLE
    assert groups((4, 1), (4, 1)).carry(rows, (4, 1), (4, 1), set()) is rows
    assert groups((4,), (4,)).carry(WHOLE, (4,), (4,), set()) is WHOLE
