"""Extents agree with the sets that they describe."""

from fractions import Fraction

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from netwright.arithmetic.window import misfit
from netwright.receptive.sets import index_map
from netwright.receptive.sets.extent import Extent, Gaps, gaps, measure
from netwright.receptive.sets.reach import concat, flood, nothing, source, union, unknown
from strategies import axes


@given(st.lists(axes(), min_size=1, max_size=4), st.integers(60, 90))
def test_size_stride_and_offset_are_those_of_every_unit_that_no_border_cuts(layers, size):
    reach = source((size,), 0)
    for layer in layers:
        assume(not misfit(reach.shape[0], **layer.window))
        reach = reach.take(0, index_map.window(reach.shape[0], **layer.window))
    extent = measure(reach)
    dims, lo, hi = reach.spans()
    assume(dims)
    assert extent.kind == "uniform"
    assert extent.size is not None
    assert extent.offset is not None
    for unit, (first, last) in enumerate(zip(lo.tolist(), hi.tolist(), strict=True)):
        start = extent.offset + unit * extent.stride
        if start >= 0 and start + extent.size <= size:
            assert (first, last) == (start, start + extent.size - 1)
        elif first <= last:
            assert start <= first <= last <= start + extent.size - 1


def test_the_centre_of_the_first_unit_is_half_a_field_from_its_start():
    assert measure(source((32,), 0).take(0, index_map.window(32, 3, 2, 1))).centre == 0
    assert measure(source((32,), 0).take(0, index_map.window(32, 4, 4))).centre == 1.5
    assert measure(source((32,), 0).mix(0, 1)).centre is None


def test_each_kind_has_its_text():
    x = source((12,), 0)
    assert measure(x.mix(0, 5)).text() == "whole"
    assert measure(nothing(12, (3,))).text() == "nothing"
    assert measure(unknown(12, (3,), "svd")).text() == "unknown (svd)"
    assert measure(x.take(0, index_map.strided(12, 3, 7)).mix(0, 1)).text() == "fixed 4 +3"
    assert measure(x.running(0)).text() == "non-uniform 12"
    assert measure(x.take(0, index_map.repeated(12, 2))).text() == "non-uniform 1 /0.5"
    assert measure(flood([x], (4,))).text() == "≤ whole"
    assert measure(x.take(0, index_map.flipped(12))).text() == "1 /-1 +11"


def test_a_field_may_exceed_the_input_and_then_every_unit_covers_it():
    reach = source((4,), 0)
    for _ in range(4):
        reach = reach.take(0, index_map.window(4, 3, 1, 1))
    assert measure(reach) == Extent("uniform", 9, 1, -4, covers=True)
    assert not measure(source((4,), 0)).covers


def test_units_are_measured_from_their_sets_where_no_axis_can_be_followed():
    """Rows are flattened and unflattened; the interior units agree, so they have a size and a stride."""
    rows = source((8, 3), 0).take(0, index_map.window(8, 3, 1, 1))
    there_and_back = rows.reshape((24,)).reshape((8, 3))
    assert measure(there_and_back).text() == measure(rows).text() == "3 /1 -1"
    turned = rows.permute((1, 0)).reshape((24,)).reshape((3, 8)).permute((1, 0))
    assert measure(turned).text() == "3 /1 -1"
    rolled = source((8,), 0).take(0, index_map.rolled(8, 3)).take(0, index_map.rolled(8, -3))
    assert measure(rolled).text() == "1 /1 +0"


def test_an_axis_of_one_position_is_seen_whole():
    grown = source((1,), 0).take(0, index_map.transposed(1, 4, 2))
    assert measure(grown).text() == "whole"


def test_strides_of_periods_are_fractions():
    extent = measure(source((8,), 0).take(0, index_map.transposed(8, 3, 2)))
    assert (extent.kind, extent.size, extent.stride) == ("non-uniform", 2, Fraction(1, 2))


@given(axes(), axes())
def test_gaps_are_counted_as_by_hand(first, second):
    assume(not misfit(12, **first.window))
    one = index_map.window(12, **first.window)
    assume(not misfit(one.out, **second.window))
    two = index_map.window(one.out, **second.window)
    units = [
        sorted({p for j in row if j >= 0 for p in one.table[j].tolist() if p >= 0})
        for row in two.table.tolist()
    ]
    counted = gaps(source((12,), 0, support=True).take(0, one).take(0, two))
    from_hull = gaps(source((12,), 0).take(0, one).take(0, two))
    assert from_hull in (None, counted)
    assert counted.holes == max((unit[-1] - unit[0] + 1 - len(unit) for unit in units if unit), default=0)
    assert counted.unread == tuple(p for p in range(12) if not any(p in unit for unit in units))


def test_gaps_of_nothing_are_all_positions_and_of_two_maps_their_union():
    assert gaps(nothing(3, (1,))).unread == (0, 1, 2)
    x = source((1, 6), 1, support=True)
    even = x.take(1, index_map.strided(6, None, None, 2))
    assert gaps(even).unread == (1, 3, 5)
    assert gaps(concat([even, x.take(1, index_map.strided(6, 1, None, 2))], 1)).unread == ()
    assert np.array_equal(gaps(x).unread, ())


def test_gaps_come_from_hulls_where_these_are_solid_and_are_not_guessed_where_not():
    image = source((1, 9), 1)
    assert gaps(image.take(1, index_map.window(9, 3, 3))) == Gaps(0, ())
    assert gaps(image.take(1, index_map.window(9, 2, 3))) == Gaps(0, (2, 5, 8))
    assert gaps(image.take(1, index_map.strided(9, 3, 6))) == Gaps(0, (0, 1, 2, 6, 7, 8))
    assert gaps(image.take(1, index_map.window(9, 2, 1, 0, 3))) is None
    both = union(
        [image.take(1, index_map.strided(9, 0, 1)), image.take(1, index_map.strided(9, 8, 9))], (1, 1)
    )
    assert gaps(both) is None


def test_gaps_of_an_unknown_reach_are_unknown():
    assert gaps(unknown(12, (3,), "svd")) is None


def test_strides_and_holes_are_written_briefly():
    assert Extent("non-uniform", 16, Fraction(8, 7)).text() == "non-uniform 16 /1.14"
    assert Extent("uniform", 9, 1024, 0).text() == "9 /1024 +0"
    assert Extent("fixed", 9, None, 0, holes=4).text() == "fixed 9 +0 ∘4"
