"""What may be said of a pair of designs, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isinf

from netwright.study.stats import Interval, needed, paired


@dataclass(frozen=True)
class Verdict:
    """A pair of designs, the interval of the difference in test error (first - second), and the words."""

    first: str
    second: str
    interval: Interval
    text: str

    @property
    def better(self) -> str | None:
        """The design with the lower test error, or None where the runs do not tell."""
        if not self.interval.tells:
            return None
        return self.second if self.interval.difference > 0 else self.first


def judge(
    first: tuple[str, Mapping[int, float]], second: tuple[str, Mapping[int, float]], *, resolution: float
) -> Verdict:
    """Compare the test errors by seed of two named designs; `resolution` as in `stats.paired`."""
    interval = paired(first[1], second[1], resolution=resolution)
    return Verdict(first[0], second[0], interval, _words(first[0], second[0], interval))


def _words(first: str, second: str, interval: Interval) -> str:
    pair = f"{first} and {second}"
    if interval.seeds == 0:
        return f"{pair}: no seed has finished for both, so nothing can be said."
    if interval.seeds == 1:
        return f"{pair}: not enough runs to tell; one seed shows no deviation, three would."
    if not interval.tells:
        return f"{pair}: not enough runs to tell; {_prospect(interval)}."
    low, high = sorted((abs(interval.low), abs(interval.high)))
    worse, better = (first, second) if interval.difference > 0 else (second, first)
    return (
        f"{better} is better than {worse} by {points(abs(interval.difference))} points "
        f"(95 % interval {points(low)} to {points(high)}, {interval.seeds} seeds)."
    )


def _prospect(interval: Interval) -> str:
    """About how many seeds would tell."""
    facts = (
        f"difference {points(abs(interval.difference))} points, deviation {points(interval.deviation)}, "
        f"{interval.seeds} seeds so far"
    )
    if interval.difference == 0:
        return f"no difference was seen ({interval.seeds} seeds)"
    if interval.deviation == 0:
        return (
            f"the difference was {points(abs(interval.difference))} points in each of {interval.seeds} seeds"
        )
    seeds = needed(interval.difference, interval.deviation)
    if isinf(seeds):
        return f"not even 1,000 seeds would ({facts})"
    return f"about {seeds:.0f} seeds would ({facts})"


def points(fraction: float) -> str:
    """A fraction as percentage points, with two digits below one point.

    >>> points(0.541), points(0.0042), points(1e-5)
    ('54.1', '0.42', '0.00')
    """
    value = 100 * fraction
    return f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"
