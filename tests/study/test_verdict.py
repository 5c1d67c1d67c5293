"""The words of a verdict agree with its numbers."""

from math import inf, nan

import pytest

from netwright.data.scale import Scale
from netwright.study.stats import Spread, paired
from netwright.study.verdict import better, outcome, over_seeds, words
from study.examples import DICE, ERROR

PLAIN = {0: 0.55, 1: 0.59, 2: 0.56}
RESIDUAL = {0: 0.012, 1: 0.014, 2: 0.013}
SAME = {0: 0.016, 1: 0.006, 2: 0.015}


def said(a: dict, b: dict, resolution: float = 0.0) -> str:
    return words("a", "b", paired(a, b, resolution=resolution), ERROR)


def test_a_clear_difference_names_the_better_design_first_whatever_the_order():
    expected = "is better than {} by 55.4 points (95 % interval 50.4 to 60.3, 3 seeds)."
    assert said(PLAIN, RESIDUAL) == f"b {expected.format('a')}"
    assert said(RESIDUAL, PLAIN) == f"a {expected.format('b')}"


@pytest.mark.parametrize(
    ("a", "b", "lower", "higher"),
    [(PLAIN, RESIDUAL, "b", "a"), (RESIDUAL, PLAIN, "a", "b"), (SAME, RESIDUAL, None, None)],
)
def test_the_better_of_a_pair_follows_the_direction_if_the_interval_excludes_zero(a, b, lower, higher):
    assert better("a", "b", paired(a, b), ERROR) == lower
    assert better("a", "b", paired(a, b), DICE) == higher


def test_a_metric_that_is_better_when_higher_reads_naturally():
    """The t interval of the differences 0.021, 0.019, 0.023 is 0.021 ± 4.303 x 0.002 / sqrt 3."""
    a, b = {0: 0.871, 1: 0.869, 2: 0.873}, {0: 0.850, 1: 0.850, 2: 0.850}
    expected = "{} is better than {} by 0.021 (95 % interval 0.016 to 0.026, 3 seeds)."
    assert words("A", "B", paired(a, b), DICE) == expected.format("A", "B")
    assert words("B", "A", paired(b, a), DICE) == expected.format("A", "B")
    text = outcome("unet", Spread(0.8734, 0.0041, 3), ["fcn"], [], DICE)
    assert text == "unet has the highest test dice, 0.873 ± 0.004: better than fcn."


def test_a_unit_of_length_stands_behind_every_size():
    scale = Scale(label="distance", unit="px")
    text = words("a", "b", paired({0: 3.1, 1: 3.3}, {0: 3.0, 1: 3.0}), scale)
    assert "(difference 0.20 px, deviation 0.14, 2 seeds so far)" in text
    text = outcome("a", Spread(2.6789, 0.31, 3), [], [], scale)
    assert text == "a has the lowest test distance, 2.68 ± 0.31 px."


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


@pytest.mark.parametrize(
    ("error", "text"),
    [(None, "-"), (Spread(0.5, None, 1), "50.00 (1 seed)"), (Spread(0.5, 0, 2), "50.00 ± 0.00")],
)
def test_errors_are_in_percent_and_a_single_seed_is_marked(error, text):
    assert over_seeds(error, ERROR) == text


@pytest.mark.parametrize(
    ("worse", "even", "rest"),
    [
        ([], [], "."),
        (["b"], [], ": better than b."),
        ([], ["b", "c"], ": not distinguishable from b and c."),
        (["b", "c", "d"], ["e"], ": better than b, c and d; not distinguishable from e."),
    ],
)
def test_the_outcome_names_the_arms_that_are_beaten_and_those_not_distinguishable(worse, even, rest):
    text = outcome("a", Spread(0.013, 0.001, 3), worse, even, ERROR)
    assert text == f"a has the lowest test error, 1.30 ± 0.10 %{rest}"
