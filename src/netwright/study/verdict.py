"""The conclusions of a study in words: a verdict for each pair, and the outcome in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf

from netwright.study.stats import Interval, Spread, needed


@dataclass(frozen=True)
class Verdict:
    """A pair that differs either in its design or in its recipe, and the conclusion about it.

    `first` and `second` are two designs, and `recipe` is what both were trained with (`design` is None); or
    they are two recipes, and `design` is what both trained (`recipe` is None). `interval` is that of the
    difference in test error, first - second.
    """

    first: str
    second: str
    design: str | None
    recipe: str | None
    interval: Interval
    text: str

    @property
    def better(self) -> str | None:
        """The one with the lower test error, or None where the interval contains zero."""
        if not self.interval.excludes_zero:
            return None
        return self.second if self.interval.difference > 0 else self.first


def words(first: str, second: str, interval: Interval) -> str:
    """Return the conclusion that the interval of the difference first - second allows."""
    pair = f"{first} and {second}"
    if interval.seeds == 0:
        return f"{pair}: no seed has finished for both, so they cannot be compared."
    if interval.seeds == 1:
        return f"{pair}: not enough runs to tell; one seed shows no deviation, so run three."
    if not interval.excludes_zero:
        return f"{pair}: not enough runs to tell; {_prospect(interval)}."
    low, high = sorted((abs(interval.low), abs(interval.high)))
    worse, better = (first, second) if interval.difference > 0 else (second, first)
    return (
        f"{better} is better than {worse} by {points(abs(interval.difference))} points "
        f"(95 % interval {points(low)} to {points(high)}, {interval.seeds} seeds)."
    )


def _prospect(interval: Interval) -> str:
    """Say about how many seeds would be enough to tell."""
    size = f"{points(abs(interval.difference))} points"
    if interval.difference == 0:
        return f"no difference was seen ({interval.seeds} seeds)"
    if interval.deviation == 0:
        return f"the difference was {size} in each of {interval.seeds} seeds"
    facts = f"difference {size}, deviation {points(interval.deviation)}, {interval.seeds} seeds so far"
    seeds = needed(interval.difference, interval.deviation)
    if isinf(seeds):
        return f"not even 1,000 seeds would be enough ({facts})"
    return f"about {seeds:.0f} seeds would be enough ({facts})"


def outcome(best: str, error: Spread, better: Sequence[str], even: Sequence[str]) -> str:
    """Say which arm has the lowest test error, and how it compares with the others.

    Args:
        best: the arm.
        error: its test error.
        better: the arms that it is better than.
        even: the arms that it was compared with and cannot be distinguished from.
    """
    relations = [f"better than {_list(better)}"] if better else []
    relations += [f"not distinguishable from {_list(even)}"] if even else []
    rest = f": {'; '.join(relations)}" if relations else ""
    return f"{best} has the lowest test error, {percent(error)} %{rest}."


def _list(names: Sequence[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def points(fraction: float) -> str:
    """Write a fraction as percentage points, with two decimals below one point.

    >>> points(0.541), points(0.0042), points(1e-5)
    ('54.1', '0.42', '0.00')
    """
    value = 100 * fraction
    return f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"


def percent(error: Spread | None) -> str:
    """Write mean ± deviation in percent; a single seed has no deviation and is marked.

    >>> percent(Spread(0.0123, 0.0045, 3)), percent(Spread(0.5, None, 1)), percent(None)
    ('1.23 ± 0.45', '50.00 (1 seed)', '-')
    """
    if error is None:
        return "-"
    if error.deviation is None:
        return f"{100 * error.mean:.2f} (1 seed)"
    return f"{100 * error.mean:.2f} ± {100 * error.deviation:.2f}"
