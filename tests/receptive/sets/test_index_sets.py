"""Index sets agree with Python's own sets, for hulls and for supports."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from netwright.arithmetic.window import misfit
from netwright.receptive.sets import index_map
from netwright.receptive.sets.index_sets import IndexSets, points, touching
from strategies import axes


def listed(sets, extent):
    """Return the positions of each unit of a support with one unit axis, or its hull as a range."""
    if sets.array.dtype == np.bool_:
        return [set(np.flatnonzero(~column).tolist()) for column in sets.array.T]
    return [set(range(int(lo), 1 - int(minus))) for lo, minus in sets.array.T]


def chained(size, tables):
    """Return what the last of a chain of index maps reads, by union over Python sets."""
    units = [{i} for i in range(size)]
    for table in tables:
        units = [set().union(*(units[j] for j in row if j >= 0)) for row in table.table.tolist()]
    return units


@st.composite
def chains(draw):
    size, tables = draw(st.integers(1, 12)), []
    length = size
    for axis in draw(st.lists(axes(), min_size=1, max_size=3)):
        assume(not misfit(length, **axis.window))
        tables.append(index_map.window(length, **axis.window))
        length = tables[-1].out
    return size, tables


@given(chains())
def test_supports_are_unions_of_what_the_columns_read(chain):
    size, tables = chain
    sets = points(size, support=True)
    for table in tables:
        sets = sets.take(0, table)
    assert listed(sets, size) == chained(size, tables)


@given(chains())
def test_hulls_are_the_ends_of_those_unions(chain):
    size, tables = chain
    sets = points(size)
    for table in tables:
        sets = sets.take(0, table)
    expected = [set(range(min(unit), max(unit) + 1)) if unit else set() for unit in chained(size, tables)]
    assert listed(sets, size) == expected


def test_a_wide_table_is_gathered_as_a_narrow_one():
    wide, narrow = index_map.window(40, 20, 1, 10), index_map.window(40, 3, 1, 1)
    for table in (wide, narrow):
        assert listed(points(40, support=True).take(0, table), 40) == chained(40, [table])


@pytest.mark.parametrize("support", [False, True])
def test_least_running_first_and_join(support):
    three = points(3, support=support)
    assert listed(IndexSets(three.least(0).array[:, None]), 3) == [{0, 1, 2}]
    assert listed(three.running(0), 3) == [{0}, {0, 1}, {0, 1, 2}]
    back = three.take(0, index_map.flipped(3))
    expected = [{0, 2}, {1}, {0, 2}] if support else [{0, 1, 2}, {1}, {0, 1, 2}]
    assert listed(three.join(back), 3) == expected
    assert listed(IndexSets(back.first(0).array[:, None]), 3) == [{2}]


@pytest.mark.parametrize("support", [False, True])
def test_full_empty_and_constant_describe_what_the_units_read(support):
    three = points(3, support=support)
    assert not three.full(3)
    assert not three.constant(0)
    everything = three.take(0, index_map.window(3, 5, 1, 2))
    assert everything.constant(0) == everything.full(3)
    assert three.least(0).full(3)
    assert three.take(0, index_map.listed(3, (-1, -1))).empty()


@pytest.mark.parametrize("support", [False, True])
def test_no_units_together_read_nothing(support):
    assert points(3, support=support).take(0, index_map.strided(3, 0, 0)).least(0).empty()


def test_spread_keeps_the_columns_apart():
    spread = points(5, support=True).spread(0, index_map.window(5, 2, 2))
    assert spread.sizes == (2, 2)
    assert np.argwhere(~spread.array).tolist() == [[0, 0, 0], [1, 0, 1], [2, 1, 0], [3, 1, 1]]


def test_results_are_shared():
    """Repeated layers on square images are computed once, and an operation without effect returns itself."""
    sets, table = points(8), index_map.window(8, 3, 1, 1)
    assert sets.take(0, table) is sets.take(0, table)
    assert sets.join(sets) is sets
    assert sets.take(0, index_map.strided(8)) is sets
    wider = sets.take(0, table)
    assert wider.join(sets) is wider


@given(chains())
def test_a_hull_that_is_called_solid_has_no_holes(chain):
    size, tables = chain
    sets = points(size)
    for table in tables:
        sets = sets.take(0, table)
    if sets.solid:
        assert listed(sets, size) == chained(size, tables)


def test_windows_without_gaps_are_solid_and_dilation_alone_is_not():
    dense = points(12).take(0, index_map.window(12, 3, 1, 1))
    assert dense.solid
    assert dense.take(0, index_map.window(12, 3, 1, 2, 2)).solid  # every second one still touches
    assert not dense.take(0, index_map.window(12, 3, 1, 4, 4)).solid
    assert not points(12).take(0, index_map.window(12, 3, 1, 2, 2)).solid
    assert not points(12).take(0, index_map.strided(12, 0, None, 2)).least(0).solid
    assert dense.running(0).solid
    assert dense.least(0).solid
    assert dense.spread(0, index_map.window(12, 2)).solid


def test_a_hull_with_holes_over_the_whole_axis_is_not_everything():
    """Its ends are those of the axis, but it must not replace a map that fills the holes."""
    ends = points(3).take(0, index_map.listed(3, (0, 2))).least(0)
    assert not ends.full(3)
    assert points(3).least(0).full(3)
    assert not points(3, support=True).take(0, index_map.listed(3, (0, 2))).least(0).full(3)


def test_hulls_touch_where_they_overlap_or_are_neighbours_and_what_is_empty_touches_all():
    def hull(*spans):
        return np.array([[lo for lo, _ in spans], [-hi for _, hi in spans]], dtype=np.int32)

    assert touching(hull((0, 1)), hull((2, 3)))
    assert touching(hull((5, 9)), hull((0, 7)))
    assert not touching(hull((0, 1)), hull((3, 3)))
    nothing = points(4).take(0, index_map.listed(4, (-1,))).array
    assert touching(nothing, hull((3, 3)))
    assert touching(nothing, nothing)
    assert not touching(hull((0, 0), (0, 0)), hull((1, 1), (2, 2)))
