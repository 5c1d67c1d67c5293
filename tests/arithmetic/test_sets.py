"""Sets against Python's own sets, for hulls and supports alike."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from netwright.arithmetic import taps
from netwright.arithmetic.sets import Sets, points
from netwright.arithmetic.window import misfit
from strategies import axes


def listed(sets, extent):
    """The positions of each unit of a support with one unit axis, or its hull as a range."""
    if sets.array.dtype == np.bool_:
        return [set(np.flatnonzero(~column).tolist()) for column in sets.array.T]
    return [set(range(int(lo), 1 - int(minus))) for lo, minus in sets.array.T]


def chained(size, tables):
    """What the last of a chain of tables reads, by union over Python sets."""
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
        tables.append(taps.window(length, **axis.window))
        length = tables[-1].out
    return size, tables


@given(chains())
def test_supports_are_unions_of_what_the_taps_read(chain):
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
    wide, narrow = taps.window(40, 20, 1, 10), taps.window(40, 3, 1, 1)
    for table in (wide, narrow):
        assert listed(points(40, support=True).take(0, table), 40) == chained(40, [table])


@pytest.mark.parametrize("support", [False, True])
def test_least_running_first_and_join(support):
    three = points(3, support=support)
    assert listed(Sets(three.least(0).array[:, None]), 3) == [{0, 1, 2}]
    assert listed(three.running(0), 3) == [{0}, {0, 1}, {0, 1, 2}]
    back = three.take(0, taps.flipped(3))
    expected = [{0, 2}, {1}, {0, 2}] if support else [{0, 1, 2}, {1}, {0, 1, 2}]
    assert listed(three.join(back), 3) == expected
    assert listed(Sets(back.first(0).array[:, None]), 3) == [{2}]


@pytest.mark.parametrize("support", [False, True])
def test_full_empty_and_constant_say_what_the_units_read(support):
    three = points(3, support=support)
    assert not three.full(3)
    assert not three.constant(0)
    everything = three.take(0, taps.window(3, 5, 1, 2))
    assert everything.constant(0) == everything.full(3)
    assert three.least(0).full(3)
    assert three.take(0, taps.listed(3, (-1, -1))).empty()


@pytest.mark.parametrize("support", [False, True])
def test_no_units_together_read_nothing(support):
    assert points(3, support=support).take(0, taps.strided(3, 0, 0)).least(0).empty()


def test_spread_keeps_the_taps_apart():
    spread = points(5, support=True).spread(0, taps.window(5, 2, 2))
    assert spread.sizes == (2, 2)
    assert np.argwhere(~spread.array).tolist() == [[0, 0, 0], [1, 0, 1], [2, 1, 0], [3, 1, 1]]


def test_results_are_shared():
    """Repeated layers on square images are computed once, and what changes nothing stays itself."""
    sets, table = points(8), taps.window(8, 3, 1, 1)
    assert sets.take(0, table) is sets.take(0, table)
    assert sets.join(sets) is sets
    assert sets.take(0, taps.strided(8)) is sets
    wider = sets.take(0, table)
    assert wider.join(sets) is wider
