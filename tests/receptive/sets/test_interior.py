"""Fields on an endless axis agree with sets of positions written out."""

from hypothesis import assume, given
from hypothesis import strategies as st

import strategies  # noqa: F401  # loads the profile
from netwright.receptive.sets.interior import (
    LONGEST_PERIOD,
    POINT,
    Interior,
    PeriodicMap,
    hull,
    join,
    read,
    shift,
)

rows = st.lists(st.integers(-4, 4), min_size=0, max_size=4).map(tuple)
periodic_maps = st.builds(PeriodicMap, st.integers(-3, 4), st.lists(rows, min_size=1, max_size=3).map(tuple))
spans = st.one_of(st.none(), st.tuples(st.integers(-5, 5), st.integers(0, 4)).map(lambda p: (p[0], sum(p))))
interiors = st.builds(Interior, st.integers(-3, 4), st.lists(spans, min_size=1, max_size=4).map(tuple))
indices = range(-12, 13)


def row(periodic, index):
    """Return what output `index` reads."""
    turns, phase = divmod(index, len(periodic.rows))
    return [position + turns * periodic.advance for position in periodic.rows[phase]]


@given(interiors, periodic_maps)
def test_chaining_is_reading_what_the_inputs_read_at_every_index(interior, periodic):
    chained = read(interior, periodic)
    assert chained is not None
    for index in indices:
        assert chained.at(index) == hull(interior.at(position) for position in row(periodic, index))


@given(interiors, interiors)
def test_joining_is_the_hull_at_every_index_or_refused_at_different_speeds(first, second):
    both = join(first, second)
    same_speed = first.advance * len(second.spans) == second.advance * len(first.spans)
    assert (both is not None) == same_speed
    for index in indices if both else ():
        assert both.at(index) == hull([first.at(index), second.at(index)])


@given(interiors, st.integers(-5, 5))
def test_shifting_moves_every_unit(interior, by):
    for index in indices:
        assert shift(interior, by).at(index) == interior.at(index - by)


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=6))
def test_chains_of_windows_have_the_closed_form_of_araujo(layers):
    """Size 1 + sum of d(k-1) times the strides before; stride the product (Araujo et al. 2019, eq. 2)."""
    interior, size, stride = POINT, 1, 1
    for kernel, step, dilation in layers:
        made = read(interior, PeriodicMap(step, (tuple(range(0, dilation * kernel, dilation)),)))
        assert made is not None
        interior = made
        size += dilation * (kernel - 1) * stride
        stride *= step
    assert (interior.size, interior.advance, interior.uniform) == (size, stride, True)


@given(interiors)
def test_reading_each_position_changes_nothing_but_the_length_of_the_period(interior):
    same = read(interior, PeriodicMap(1, ((0,),)))
    assert same is not None
    assert len(same.spans) <= len(interior.spans)
    assert [same.at(i) for i in indices] == [interior.at(i) for i in indices]


@given(interiors)
def test_a_period_is_the_shortest_one(interior):
    assume(interior.advance > 0)
    doubled = Interior(2 * interior.advance, tuple(interior.at(i) for i in range(2 * len(interior.spans))))
    shortest = read(doubled, PeriodicMap(1, ((0,),)))
    assert shortest is not None
    assert len(shortest.spans) <= len(interior.spans)


def test_a_period_that_is_too_long_is_not_followed():
    long = PeriodicMap(1, ((0,),) * (LONGEST_PERIOD // 2 + 1))
    many = Interior(3, ((0, 0), (0, 1), (0, 2)))
    assert read(many, long) is None
    assert join(Interior(1, ((0, 0),) * 250), Interior(1, ((0, 0),) * 249)) is None


def test_a_transposed_window_narrower_than_its_stride_leaves_units_that_see_nothing():
    gaps = read(POINT, PeriodicMap(1, ((0,), ())))
    assert gaps is not None
    assert [gaps.at(i) for i in range(4)] == [(0, 0), None, (1, 1), None]
    assert not gaps.uniform


@given(interiors)
def test_a_centre_is_a_reflection_that_maps_fields_onto_fields(interior):
    centre, period = interior.centre, len(interior.spans)
    assume(centre is not None)
    partner = next(
        (p for p in range(period) if _reflects(interior, p, 2 * centre + interior.stride * p)), None
    )
    assert partner is not None


def _reflects(interior, partner, total):
    """Return whether unit i and unit `partner` - i see spans that mirror each other about total / 2."""
    pairs = [(interior.at(i), interior.at(partner - i)) for i in indices]
    return all(
        (a is None and b is None) or (a and b and (a[0] + b[1], a[1] + b[0]) == (total, total))
        for a, b in pairs
    )


@given(interiors, st.integers(-5, 5))
def test_a_centre_moves_with_its_units(interior, by):
    assume(interior.centre is not None)
    moved = shift(interior, by)
    assume(moved.centre is not None)
    assert moved.centre == interior.centre - by * interior.stride
