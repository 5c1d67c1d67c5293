"""The words of a verdict agree with its numbers."""

from math import inf, nan

import pytest

from netwright.study.verdict import judge, points

PLAIN = ("plain56", {0: 0.55, 1: 0.59, 2: 0.56})
RESIDUAL = ("resnet56", {0: 0.012, 1: 0.014, 2: 0.013})
SAME = ("resnet20", {0: 0.016, 1: 0.006, 2: 0.015})


def test_a_clear_difference_names_the_better_first_whatever_the_order():
    one, other = (judge(*pair, resolution=1e-3) for pair in [(PLAIN, RESIDUAL), (RESIDUAL, PLAIN)])
    assert one.better == other.better == "resnet56"
    assert one.text == other.text
    assert one.text.startswith(
        "resnet56 is better than plain56 by 55.4 points (95 % interval 50.4 to 60.3, 3"
    )


def test_a_small_difference_says_about_how_many_seeds_would_tell():
    verdict = judge(SAME, RESIDUAL, resolution=1e-3)
    assert verdict.better is None
    assert "not enough runs to tell; about" in verdict.text
    assert "3 seeds so far" in verdict.text


def test_one_seed_asks_for_three():
    verdict = judge(("a", {0: 0.5}), ("b", {0: 0.1}), resolution=0)
    assert verdict.text == "a and b: not enough runs to tell; one seed shows no deviation, three would."


@pytest.mark.parametrize("errors", [{}, {1: 0.2}, {0: nan}, {0: inf}])
def test_nothing_in_common_says_so(errors):
    assert "nothing can be said" in judge(("a", {0: 0.5}), ("b", errors), resolution=0).text


def test_equal_designs_are_not_promised_a_number_of_seeds():
    errors = {0: 0.1, 1: 0.2}
    text = judge(("a", errors), ("b", errors), resolution=0.01).text
    assert text == "a and b: not enough runs to tell; no difference was seen (2 seeds)."


def test_a_hopeless_difference_is_called_so():
    a = {0: 0.1, 1: 0.3, 2: 0.2001}
    b = {0: 0.2, 1: 0.2, 2: 0.2}
    assert "not even 1,000 seeds would" in judge(("a", a), ("b", b), resolution=0).text


def test_the_same_difference_each_time_without_a_grain_claims_nothing():
    text = judge(("a", {0: 0.5, 1: 0.5}), ("b", {0: 0.25, 1: 0.25}), resolution=0).text
    assert text.startswith(
        "a and b: not enough runs to tell; the difference was 25.0 points in each of 2 seeds"
    )


@pytest.mark.parametrize(("fraction", "text"), [(0.0099, "0.99"), (0.01, "1.0"), (1.0, "100.0")])
def test_points_are_hundredths(fraction, text):
    assert points(fraction) == text
