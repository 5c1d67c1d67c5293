"""Spreads against NumPy, paired intervals against SciPy and by simulation, seeds against Cohen's tables."""

from math import inf, isnan, nan
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nct, t, ttest_rel

from netwright.study.stats import Interval, Spread, needed, paired, power, spread

ERRORS = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=12)


def test_spread_is_numpys_mean_and_sample_deviation():
    values = NormalDist(0.1, 0.02).samples(5, seed=1)
    assert spread(values) == (pytest.approx(np.mean(values)), pytest.approx(np.std(values, ddof=1)), 5)


def test_one_run_has_no_deviation_and_no_run_has_no_spread():
    assert spread([0.5]) == Spread(0.5, None, 1)
    assert spread([]) is None


@given(ERRORS)
def test_the_interval_is_that_of_scipy_ttest_rel(pairs):
    a, b = np.array(pairs).T
    if np.std(a - b, ddof=1) < 1e-6:
        return
    expected = ttest_rel(a, b).confidence_interval(0.95)
    interval = paired(dict(enumerate(a)), dict(enumerate(b)))
    assert interval.low == pytest.approx(expected.low, abs=1e-9)
    assert interval.high == pytest.approx(expected.high, abs=1e-9)


@given(ERRORS)
def test_the_order_of_the_pair_only_changes_the_sign(pairs):
    a, b = (dict(enumerate(side)) for side in zip(*pairs, strict=True))
    one, other = paired(a, b, resolution=0.01), paired(b, a, resolution=0.01)
    assert one.difference == pytest.approx(-other.difference)
    assert one.low == pytest.approx(-other.high)


@pytest.mark.parametrize("seeds", [3, 5])
def test_the_interval_covers_the_true_difference_in_95_of_100_studies(seeds):
    """4,000 simulated studies: the share has a standard error of 0.35 %, so 1.4 % is four of them."""
    draw = np.random.default_rng(7)
    shared = draw.normal(0.3, 0.05, (4000, seeds))
    a, b = shared + draw.normal(0.02, 0.01, shared.shape), shared + draw.normal(0, 0.02, shared.shape)
    intervals = [paired(dict(enumerate(x)), dict(enumerate(y))) for x, y in zip(a, b, strict=True)]
    covered = np.mean([interval.low <= 0.02 <= interval.high for interval in intervals])
    assert covered == pytest.approx(0.95, abs=0.014)


def test_pairing_removes_what_the_seeds_share():
    """Two designs that swing together by 30 points and differ by one are distinguished."""
    a = {0: 0.10, 1: 0.40, 2: 0.25}
    b = {seed: error - 0.01 - 0.001 * seed for seed, error in a.items()}
    assert paired(a, b).excludes_zero


def test_only_common_seeds_with_finite_errors_enter():
    a = {0: 0.5, 1: 0.6, 2: nan, 3: 0.7, 5: inf}
    b = {0: 0.1, 1: 0.1, 2: 0.1, 4: 0.2, 5: 0.1}
    assert paired(a, b) == paired({0: 0.5, 1: 0.6}, {0: 0.1, 1: 0.1})


def test_no_common_seed_gives_no_numbers():
    interval = paired({0: 0.1}, {1: 0.2})
    assert (interval.seeds, interval.excludes_zero) == (0, False)
    assert isnan(interval.difference)


def test_one_seed_gives_a_difference_and_no_interval():
    interval = paired({0: 0.3}, {0: 0.1})
    assert interval.difference == pytest.approx(0.2)
    assert isnan(interval.low)
    assert not interval.excludes_zero


def test_a_deviation_of_zero_without_resolution_shows_no_difference():
    interval = paired({0: 0.5, 1: 0.5}, {0: 0.25, 1: 0.25})
    assert (interval.difference, interval.deviation, interval.excludes_zero) == (0.25, 0.0, False)


def test_agreement_within_one_test_example_does_not_exclude_zero():
    """Both pairs differ by one image of 360: the deviation of zero is an accident of counting."""
    a, b = {0: 5 / 360, 1: 6 / 360}, {0: 4 / 360, 1: 5 / 360}
    assert not paired(a, b, resolution=1 / 360).excludes_zero


def test_a_large_difference_excludes_zero_in_spite_of_the_resolution():
    a, b = {0: 0.5, 1: 0.5, 2: 0.5}, {0: 0.1, 1: 0.1, 2: 0.1}
    assert paired(a, b, resolution=1 / 360).excludes_zero


@given(ERRORS, st.floats(0, 0.1))
def test_resolution_never_narrows(pairs, resolution):
    a, b = (dict(enumerate(side)) for side in zip(*pairs, strict=True))
    exact, coarse = paired(a, b), paired(a, b, resolution=resolution)
    assert isnan(exact.low) or coarse.low <= exact.low


@pytest.mark.parametrize(("effect", "pairs"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_seeds_needed_are_those_of_cohens_table(effect, pairs):
    """Cohen 1988, two-sided 5 %, power 80 %: small, medium and large effect of a paired t test."""
    assert needed(effect * 0.03, 0.03) == pairs


@given(st.floats(0, 30), st.integers(2, 1000))
def test_power_is_that_of_the_noncentral_t_distribution(effect, seeds):
    critical = t.ppf(0.975, seeds - 1)
    expected = nct.sf(critical, seeds - 1, effect * np.sqrt(seeds))
    assert power(effect, seeds) == pytest.approx(expected, abs=1e-3)


def test_power_is_what_a_simulation_finds():
    draw = np.random.default_rng(3)
    a = draw.normal(0.02, 0.02, (4000, 6))
    intervals = [paired(dict(enumerate(x)), dict.fromkeys(range(6), 0.0)) for x in a]
    assert np.mean([interval.low > 0 for interval in intervals]) == pytest.approx(power(1.0, 6), abs=0.03)


@given(st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=10))
def test_runs_whose_interval_contains_zero_need_more_seeds_than_there_are(differences):
    zeros = dict.fromkeys(range(len(differences)), 0.0)
    interval = paired(dict(enumerate(differences)), zeros, resolution=1e-3)
    if not interval.excludes_zero:
        assert needed(interval.difference, interval.deviation) > interval.seeds


@pytest.mark.parametrize(("difference", "deviation", "expected"), [(0.0, 0.1, inf), (1e-6, 0.1, inf)])
def test_hopeless_differences_need_infinitely_many(difference, deviation, expected):
    assert needed(difference, deviation) == expected


@pytest.mark.parametrize("deviation", [0.0, nan])
def test_without_a_deviation_there_is_no_number_of_seeds(deviation):
    assert isnan(needed(0.1, deviation))


def test_an_interval_that_touches_zero_does_not_exclude_it():
    assert not Interval(3, 0.1, 0.1, 0.0, 0.2).excludes_zero
