"""Numbers are exact with their thousands separated, or have three digits where there is no room."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies  # noqa: F401  # loads the profile
from netwright.analysis.words import number, shapes, short, size

UNITS = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}


@given(st.integers(0, 10**17))
def test_three_digits_are_within_half_a_percent(value):
    figure, _, unit = short(value).partition(" ")
    assert float(figure) * UNITS[unit] == pytest.approx(value, rel=0.00501)
    assert len(figure.replace(".", "")) <= 3 or value >= 999.5e15


def test_small_counts_stay_exact():
    assert [short(n) for n in (0, 7, 999, 1000)] == ["0", "7", "999", "1.00 k"]


def test_a_count_just_below_a_unit_is_written_in_it():
    assert [short(n) for n in (999_499, 999_500, 9_996, 99_960)] == ["999 k", "1.00 M", "10.0 k", "100 k"]


def test_exact_numbers_have_their_thousands_apart():
    assert int(number(25_557_032).replace(",", "")) == 25_557_032


def test_bytes_and_shapes_are_short():
    assert [size(n) for n in (0, 1023, 1024, 2**40)] == ["0 B", "1023 B", "1.0 KiB", "1.0 TiB"]
    assert shapes(()) == ""
    assert shapes(((3, 8, 8), ())) == "3x8x8, scalar"
    assert shapes(((1,),) * 4) == "1, 1, …2 more"
