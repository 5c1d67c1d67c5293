"""The conclusions of a study in words: a verdict for each pair, and the outcome in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf

from netwright.data.scale import Scale
from netwright.study.stats import Interval, Spread, needed


@dataclass(frozen=True)
class Verdict:
    """A pair that differs either in its design or in its recipe, and the conclusion about it.

    `first` and `second` are two designs, and `recipe` is what both were trained with (`design` is None); or
    they are two recipes, and `design` is what both trained (`recipe` is None). `interval` is that of the
    difference of the monitored metric on the test split, first - second. `better` is the one that the
    interval shows to be better, or None where it contains zero.
    """

    first: str
    second: str
    design: str | None
    recipe: str | None
    interval: Interval
    text: str
    better: str | None


def better(first: str, second: str, interval: Interval, scale: Scale) -> str | None:
    """Return the better one of a pair, or None where the interval of first - second contains zero."""
    if not interval.excludes_zero:
        return None
    return second if scale.order(interval.difference) > 0 else first


def words(first: str, second: str, interval: Interval, scale: Scale) -> str:
    """Return the conclusion that the interval of the difference first - second allows."""
    pair = f"{first} and {second}"
    if interval.seeds == 0:
        return f"{pair}: no seed has finished for both, so they cannot be compared."
    if interval.seeds == 1:
        return f"{pair}: not enough runs to tell; one seed shows no deviation, so run three."
    winner = better(first, second, interval, scale)
    if winner is None:
        return f"{pair}: not enough runs to tell; {_prospect(interval, scale)}."
    low, high = sorted((abs(interval.low), abs(interval.high)))
    return (
        f"{winner} is better than {second if winner == first else first} by "
        f"{scale.gap(abs(interval.difference))} (95 % interval {scale.difference(low)} to "
        f"{scale.difference(high)}, {interval.seeds} seeds)."
    )


def _prospect(interval: Interval, scale: Scale) -> str:
    """Say about how many seeds would be enough to tell."""
    size = scale.gap(abs(interval.difference))
    if interval.difference == 0:
        return f"no difference was seen ({interval.seeds} seeds)"
    if interval.deviation == 0:
        return f"the difference was {size} in each of {interval.seeds} seeds"
    deviation = scale.difference(interval.deviation)
    facts = f"difference {size}, deviation {deviation}, {interval.seeds} seeds so far"
    seeds = needed(interval.difference, interval.deviation)
    if isinf(seeds):
        return f"not even 1,000 seeds would be enough ({facts})"
    return f"about {seeds:.0f} seeds would be enough ({facts})"


def outcome(best: str, value: Spread, worse: Sequence[str], even: Sequence[str], scale: Scale) -> str:
    """Say which arm is best on the test split, and how it compares with the others.

    Args:
        best: the arm.
        value: its metric on the test split.
        worse: the arms that it is better than.
        even: the arms that it was compared with and cannot be distinguished from.
        scale: how the metric is written and judged.
    """
    relations = [f"better than {_list(worse)}"] if worse else []
    relations += [f"not distinguishable from {_list(even)}"] if even else []
    rest = f": {'; '.join(relations)}" if relations else ""
    shown = f"{over_seeds(value, scale)} {scale.unit}".rstrip()
    return f"{best} has the {scale.best} test {scale.label}, {shown}{rest}."


def _list(names: Sequence[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def over_seeds(value: Spread | None, scale: Scale) -> str:
    """Write mean ± deviation without the unit; a single seed has no deviation and is marked.

    >>> error = Scale(unit="%", factor=100)
    >>> over_seeds(Spread(0.0123, 0.0045, 3), error), over_seeds(Spread(0.5, None, 1), error)
    ('1.23 ± 0.45', '50.00 (1 seed)')
    >>> over_seeds(Spread(0.8734, 0.0042, 3), Scale()), over_seeds(None, error)
    ('0.873 ± 0.004', '-')
    """
    if value is None:
        return "-"
    if value.deviation is None:
        return f"{scale.number(value.mean)} (1 seed)"
    deviation = f"{scale.factor * value.deviation:.{scale.decimals(value.mean)}f}"
    return f"{scale.number(value.mean)} ± {deviation}"
