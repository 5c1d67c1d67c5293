"""The words of a verdict agree with its numbers."""

from math import inf, nan

import pytest

from netwright.study.stats import Spread, paired
from netwright.study.verdict import Verdict, outcome, percent, points, words

PLAIN = {0: 0.55, 1: 0.59, 2: 0.56}
RESIDUAL = {0: 0.012, 1: 0.014, 2: 0.013}
SAME = {0: 0.016, 1: 0.006, 2: 0.015}


def said(a: dict, b: dict, resolution: float = 0.0) -> str:
    return words("a", "b", paired(a, b, resolution=resolution))


def test_a_clear_difference_names_the_better_design_first_whatever_the_order():
    expected = "is better than {} by 55.4 points (95 % interval 50.4 to 60.3, 3 seeds)."
    assert said(PLAIN, RESIDUAL) == f"b {expected.format('a')}"
    assert said(RESIDUAL, PLAIN) == f"a {expected.format('b')}"


@pytest.mark.parametrize(
    ("a", "b", "better"), [(PLAIN, RESIDUAL, "b"), (RESIDUAL, PLAIN, "a"), (SAME, RESIDUAL, None)]
)
def test_the_better_of_a_pair_has_the_lower_error_if_the_interval_excludes_zero(a, b, better):
    assert Verdict("a", "b", None, "standard", paired(a, b), "").better == better


def test_a_small_difference_says_about_how_many_seeds_would_be_enough():
    text = said(SAME, RESIDUAL, 1e-3)
    assert text.startswith("a and b: not enough runs to tell; about ")
    assert "seeds would be enough (difference 0.07 points, deviation " in text
    assert text.endswith("3 seeds so far).")


def test_one_seed_asks_for_three():
    text = said({0: 0.5}, {0: 0.1})
    assert text == "a and b: not enough runs to tell; one seed shows no deviation, so run three."


@pytest.mark.parametrize("errors", [{}, {1: 0.2}, {0: nan}, {0: inf}])
def test_arms_without_a_common_seed_cannot_be_compared(errors):
    assert said({0: 0.5}, errors) == "a and b: no seed has finished for both, so they cannot be compared."


def test_equal_designs_are_not_promised_a_number_of_seeds():
    errors = {0: 0.1, 1: 0.2}
    assert said(errors, errors, 0.01) == "a and b: not enough runs to tell; no difference was seen (2 seeds)."


def test_a_difference_far_below_its_deviation_is_called_hopeless():
    text = said({0: 0.1, 1: 0.3, 2: 0.2001}, {0: 0.2, 1: 0.2, 2: 0.2})
    assert "not even 1,000 seeds would be enough" in text


def test_the_same_difference_in_every_seed_is_stated_and_claims_nothing():
    text = said({0: 0.5, 1: 0.5}, {0: 0.25, 1: 0.25})
    assert text == "a and b: not enough runs to tell; the difference was 25.0 points in each of 2 seeds."


@pytest.mark.parametrize(("fraction", "text"), [(0.0099, "0.99"), (0.01, "1.0"), (1.0, "100.0")])
def test_points_are_hundredths(fraction, text):
    assert points(fraction) == text


@pytest.mark.parametrize(
    ("error", "text"),
    [(None, "-"), (Spread(0.5, None, 1), "50.00 (1 seed)"), (Spread(0.5, 0, 2), "50.00 ± 0.00")],
)
def test_errors_are_in_percent_and_a_single_seed_is_marked(error, text):
    assert percent(error) == text


@pytest.mark.parametrize(
    ("better", "even", "rest"),
    [
        ([], [], "."),
        (["b"], [], ": better than b."),
        ([], ["b", "c"], ": not distinguishable from b and c."),
        (["b", "c", "d"], ["e"], ": better than b, c and d; not distinguishable from e."),
    ],
)
def test_the_outcome_names_the_arms_that_are_beaten_and_those_not_distinguishable(better, even, rest):
    text = outcome("a", Spread(0.013, 0.001, 3), better, even)
    assert text == f"a has the lowest test error, 1.30 ± 0.10 %{rest}"
