"""How the values of a metric are written and judged."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from netwright.data.scale import Scale

PERCENT = Scale(label="error", unit="%", factor=100.0)
DICE = Scale(label="dice", lower_is_better=False)
PIXELS = Scale(label="distance", unit="px")


@pytest.mark.parametrize(
    ("scale", "value", "text"),
    [
        (PERCENT, 0.0241, "2.41 %"),
        (PERCENT, 0.0, "0.00 %"),
        (PERCENT, nan, "nan %"),
        (DICE, 0.8731, "0.873"),
        (DICE, 0.9997, "1.000"),
        (DICE, 0.04321, "0.0432"),
        (DICE, 0.0, "0.00"),
        (PIXELS, 2.6789, "2.68 px"),
        (PIXELS, 28.31, "28.3 px"),
        (PIXELS, 1234.5, "1234 px"),
        (PIXELS, inf, "inf px"),
        (Scale(), 1e-9, "0.00000000100"),
        (Scale(), -0.0525, "-0.0525"),
    ],
)
def test_a_value_has_two_decimals_in_percent_and_three_digits_elsewhere(scale, value, text):
    assert scale.text(value) == text


@given(st.floats(1e-6, 1e6))
def test_three_digits_are_within_half_a_percent(value):
    assert float(Scale().number(value)) == pytest.approx(value, rel=0.0051)


@pytest.mark.parametrize(("fraction", "text"), [(0.0099, "0.99"), (0.01, "1.0"), (1.0, "100.0")])
def test_points_are_hundredths(fraction, text):
    assert PERCENT.difference(fraction) == text
    assert PERCENT.gap(fraction) == f"{text} points"


def test_a_difference_has_two_digits_and_the_unit_of_the_metric():
    assert (DICE.gap(0.0213), PIXELS.gap(0.3149), PIXELS.gap(12.3)) == ("0.021", "0.31 px", "12 px")


def test_the_direction_decides_which_value_comes_first():
    values = [0.5, nan, 0.1, 0.9]
    assert sorted(values, key=PERCENT.order)[:3] == [0.1, 0.5, 0.9]
    assert sorted(values, key=DICE.order)[:3] == [0.9, 0.5, 0.1]
    assert (PERCENT.best, DICE.best) == ("lowest", "highest")


def test_titles_name_the_unit():
    assert [scale.title for scale in (PERCENT, DICE, PIXELS)] == ["error (%)", "dice", "distance (px)"]
    assert [scale.heading for scale in (PERCENT, DICE, PIXELS)] == [
        "error in percent",
        "dice",
        "distance in px",
    ]


@pytest.mark.parametrize(
    "facts", [{"unit": "\x1b[31m"}, {"label": "two\nlines"}, {"factor": 0}, {"factor": -1}, {"factor": inf}]
)
def test_a_scale_from_a_file_holds_no_control_characters_and_a_positive_factor(facts):
    with pytest.raises(ValidationError):
        TypeAdapter(Scale).validate_python(facts)
