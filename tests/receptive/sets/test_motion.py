"""The motion of a field through operations, sums and concatenations."""

from netwright.receptive.sets.interior import POINT, Interior, PeriodicMap
from netwright.receptive.sets.motion import NOTHING, UNEVEN, WHOLE, Motion, combine

ROWS = Motion("moving", 2)
CONV = PeriodicMap(1, ((-1, 0, 1),))


def test_only_an_operation_along_its_own_axis_changes_it():
    assert ROWS.take(3, CONV) is ROWS
    assert ROWS.take(2, CONV) == Motion("moving", 2, Interior(1, ((-1, 1),)))
    assert WHOLE.take(2, CONV) is WHOLE


def test_without_a_period_it_is_uneven_or_whole():
    assert ROWS.take(2, None) is UNEVEN
    assert ROWS.take(2, None, whole=True) is WHOLE


def test_a_period_that_grows_too_long_makes_it_uneven():
    slow = ROWS.take(2, PeriodicMap(1, ((0,),) * 200))
    assert slow.take(2, PeriodicMap(1, ((0,),) * 3)) is UNEVEN


def test_mixing_its_axis_makes_it_whole():
    assert ROWS.mixed(2) is WHOLE
    assert ROWS.mixed(1) is ROWS
    assert UNEVEN.mixed(2) is UNEVEN


def test_renaming_follows_the_axis_and_losing_it_is_uneven():
    assert ROWS.renamed(1) == Motion("moving", 1)
    assert ROWS.renamed(None) is UNEVEN
    assert WHOLE.renamed(None) is WHOLE


def test_units_of_another_map_before_it_shift_it():
    assert ROWS.shifted(2, 1).interior.at(1) == POINT.at(0)
    assert ROWS.shifted(1, 1) is ROWS


def test_combining_prefers_whole_then_uneven_then_the_hull():
    wide = Motion("moving", 2, Interior(1, ((-1, 1),)))
    assert combine([]) is NOTHING
    assert combine([NOTHING, ROWS]) is ROWS
    assert combine([ROWS, UNEVEN, WHOLE]) is WHOLE
    assert combine([ROWS, UNEVEN]) is UNEVEN
    assert combine([ROWS, wide]) == wide


def test_combining_different_axes_or_speeds_is_uneven():
    assert combine([ROWS, Motion("moving", 3)]) is UNEVEN
    assert combine([ROWS, Motion("moving", 2, Interior(2, ((0, 0),)))]) is UNEVEN
