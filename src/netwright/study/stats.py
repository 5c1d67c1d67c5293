"""Is one of two arms better? A paired t interval over seeds, and how many seeds would be enough to tell.

Values are those of the metric, in either direction. Intervals are per pair and not corrected for the number
of pairs: see docs/decisions/0004-intervals-per-pair.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite, nan, sqrt
from statistics import fmean, stdev
from typing import NamedTuple

import numpy as np
from scipy.special import chdtr, nctdtr, stdtrit  # chi squared, noncentral t, quantile of t

CONFIDENCE = 0.95
POWER = 0.80
MAX_SEEDS = 1000


class Spread(NamedTuple):
    """The mean and the sample deviation (n - 1) over `seeds` runs; one run has no deviation (None)."""

    mean: float
    deviation: float | None
    seeds: int


def spread(values: list[float]) -> Spread | None:
    """Return the mean and the deviation of `values`, or None if there are no values.

    >>> spread([1.0, 2.0, 3.0])
    Spread(mean=2.0, deviation=1.0, seeds=3)
    """
    if not values:
        return None
    return Spread(fmean(values), stdev(values) if len(values) > 1 else None, len(values))


@dataclass(frozen=True)
class Interval:
    """A mean paired difference and its 95 % interval, from `low` to `high`.

    `seeds` is the number of pairs; `deviation` is that of the differences (n - 1). A value for which there
    are too few pairs is nan.
    """

    seeds: int
    difference: float
    deviation: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0 or self.high < 0


def paired(a: Mapping[int, float], b: Mapping[int, float], *, resolution: float = 0.0) -> Interval:
    """Return the 95 % t interval of the mean of a - b over the seeds for which both have a finite value.

    Args:
        a: the metric by seed.
        b: the metric by seed.
        resolution: the smallest step of a metric that counts examples, one test example. Differences that
            happen to agree within a step have not been measured any more precisely, so the deviation is at
            least this.

    >>> interval = paired({0: 0.3, 1: 0.5, 2: 0.4}, {0: 0.1, 1: 0.2, 2: 0.2})
    >>> print(f"{interval.difference:.3f} [{interval.low:.3f}, {interval.high:.3f}]")
    0.233 [0.090, 0.377]
    """
    seeds = sorted(seed for seed in a.keys() & b.keys() if isfinite(a[seed]) and isfinite(b[seed]))
    if not seeds:
        return Interval(0, nan, nan, nan, nan)
    differences = np.array([a[seed] - b[seed] for seed in seeds])
    difference, count = float(differences.mean()), len(seeds)
    if count == 1:
        return Interval(1, difference, nan, nan, nan)
    deviation = max(float(differences.std(ddof=1)), resolution)
    if deviation == 0:
        return Interval(count, difference, 0.0, nan, nan)
    half = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * deviation / sqrt(count)
    return Interval(count, difference, deviation, difference - half, difference + half)


def power(effect: float, seeds: int) -> float:
    """Return the chance that `seeds` pairs show a true difference of `effect` deviations, in its direction.

    The mean over its standard error follows the noncentral t distribution with noncentrality
    effect·√seeds (Cohen 1988, section 2.5).

    >>> round(power(0.5, 34), 3)
    0.808
    """
    freedom, centre = seeds - 1, abs(effect) * sqrt(seeds)
    critical = float(stdtrit(freedom, (1 + CONFIDENCE) / 2))
    if centre > 30:  # the exact one underflows; here only the estimate of the deviation still matters
        return float(chdtr(freedom, freedom * (centre / critical) ** 2))
    return 1 - float(nctdtr(freedom, centre, critical))


def needed(difference: float, deviation: float) -> float:
    """Return how many seeds would show this difference four times in five; infinity beyond 1,000.

    >>> needed(0.01, 0.02)
    34
    """
    if deviation == 0 or not isfinite(deviation):
        return nan
    effect = abs(difference) / deviation
    if power(effect, MAX_SEEDS) < POWER:
        return inf
    low, high = 1, MAX_SEEDS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(effect, middle) >= POWER else (middle, high)
    return high
