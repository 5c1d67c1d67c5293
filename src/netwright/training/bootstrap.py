"""Intervals of metrics by the bootstrap over examples (Efron & Tibshirani 1993, chapter 13).

The state of each metric is kept for every example. A resample draws as many examples, with replacement, as
there are; its metric is computed from the sum of their states, weighted by how often each was drawn. The
interval runs between the percentiles of the resampled metric.

Examples of one group, such as slices of one volume, are alike. Where there are several groups, whole groups
are drawn; where there are too few of them, examples are drawn and the text says that this is too narrow.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from scipy.sparse import csr_array, hstack

from netwright.data.scale import Scale
from netwright.data.task import Measure
from netwright.training.loop import Evaluation
from netwright.training.states import LARGEST, Counted, Numbers, Progress, count, distinct, fill, summed

CONFIDENCE = 0.95
RESAMPLES = 1000
SEED = 20151210
"""The seed of the resamples, so that the same evaluation has the same intervals."""
FEWEST = 5
"""So many groups at least are resampled as groups."""
FEW = 20
"""With fewer units than these the text says that the intervals are too narrow."""


@dataclass(frozen=True)
class Interval:
    """A metric over a split, and its 95 % interval.

    Args:
        value: The metric, as an evaluation gives it.
        low: The lower end; None where there is no interval.
        high: The upper end.
        over: What was resampled, or why there is no interval: "40 examples".
    """

    value: float
    low: float | None
    high: float | None
    over: str


@dataclass(frozen=True)
class Units:
    """What is resampled: examples, or groups of them.

    Args:
        numbers: The number of the unit of each example.
        count: How many units there are.
        text: What they are in words, and whether the intervals are too narrow.
    """

    numbers: Numbers
    count: int
    text: str

    @classmethod
    def of(cls, count: int, groups: Sequence[str]) -> "Units":
        """Return the units of a split of `count` examples that belong to these groups.

        >>> Units.of(40, []).text
        '40 examples'
        >>> Units.of(60, [str(number // 3) for number in range(60)]).text
        '20 groups of 60 examples'
        >>> Units.of(30, ["volume"] * 30).text
        '30 examples of one group, which are alike, so the intervals are too narrow'
        """
        names = {name: number for number, name in enumerate(dict.fromkeys(groups))}
        examples = "1 example" if count == 1 else f"{count:,} examples"
        if FEWEST <= len(names) < count:
            numbers, units = np.array([names[group] for group in groups]), len(names)
            text, narrow = f"{units:,} groups of {examples}", "few"
        else:
            numbers, units = np.arange(count), count
            several = "one group" if len(names) == 1 else f"{len(names)} groups"
            text, narrow = (
                (f"{examples} of {several}", "alike") if 0 < len(names) < count else (examples, "few")
            )
        if units < 2:
            return cls(numbers, units, f"{text}, which gives no interval")
        if narrow == "alike" or units < FEW:
            text += f", which are {narrow}, so the intervals are too narrow"
        return cls(numbers, units, text)


def intervals(evaluation: Evaluation, part: str, *, progress: Progress | None = None) -> dict[str, Interval]:
    """Return every metric of the task on a split with its 95 % interval; the loss has none.

    The split is evaluated once, by this process alone. The metrics are those of `Evaluation.__call__`.

    Args:
        evaluation: The network and the loader; its own metrics are not used.
        part: The split: "train", "valid" or "test".
        progress: Called with the number of examples that were evaluated.
    """
    measures = evaluation.task.metrics()
    counted = count(evaluation, part, {name: each.metric for name, each in measures.items()}, progress)
    return {name: interval(counted, name, each) for name, each in measures.items()}


def interval(counted: Counted, name: str, measure: Measure) -> Interval:
    """Return a metric that has a single value, with its interval."""
    metric = counted.metrics[name]
    found = spread(counted, [name], lambda: {name: metric.compute().item()})[name]
    return exact(found, measure, Units.of(counted.examples, counted.groups).count)


def exact(found: Interval, scale: Scale, count: int) -> Interval:
    """Return the exact interval of a share of 0 or 1 of `count` examples, in which all resamples agree."""
    if not scale.counted or found.low is None or found.low != found.high or found.value not in (0, 1):
        return found
    low, high = _binomial(found.value, count)
    return replace(found, low=low, high=high)


def spread(
    counted: Counted, names: Sequence[str], compute: Callable[[], Mapping[str, float]]
) -> dict[str, Interval]:
    """Return scores with their intervals.

    Args:
        counted: The metrics of a split.
        names: The metrics that the scores depend on.
        compute: Computes the scores from what is in these metrics; a score without a value may be missing.
    """
    values, units = compute(), Units.of(counted.examples, counted.groups)
    over, unsummed = units.text, [name for name in names if name not in counted.states]
    if unsummed:
        over = f"no interval: the state of `{unsummed[0]}` is not a sum over examples"
    if unsummed or units.count < 2:
        return {name: Interval(value, None, None, over) for name, value in values.items()}
    drawn = list(_resampled(counted, units, names, compute))
    counted.whole(names)
    return {
        name: Interval(value, *_percentiles([one.get(name, np.nan) for one in drawn]), over)
        for name, value in values.items()
    }


def _resampled(
    counted: Counted, units: Units, names: Sequence[str], compute: Callable[[], Mapping[str, float]]
) -> Iterator[Mapping[str, float]]:
    """Yield the scores of each resample.

    Units with the same states are one row, drawn as often as any of them; equal sums are scored once.
    """
    states = [counted.states[name] for name in names]
    ends = np.cumsum([part.shape[1] for part in states])[:-1]
    rows, places = distinct(summed(csr_array(hstack(states)), units.numbers))
    shares, random = np.bincount(places) / units.count, np.random.default_rng(SEED)
    block = max(1, LARGEST // max(rows.shape))
    known: dict[bytes, Mapping[str, float]] = {}
    for start in range(0, RESAMPLES, block):
        weights = random.multinomial(units.count, shares, min(block, RESAMPLES - start))
        for sums in np.ascontiguousarray(weights @ rows):
            key = sha256(sums).digest()
            if key not in known:
                for name, values in zip(names, np.split(sums, ends), strict=True):
                    fill(counted.metrics[name], values)
                known[key] = compute()
            yield known[key]


def _percentiles(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Return the ends of the interval; resamples without a value do not count."""
    known = np.array(values)
    known = known[np.isfinite(known)]
    if not len(known):
        return None, None
    low, high = np.quantile(known, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _binomial(share: float, count: int) -> tuple[float, float]:
    """Return the exact interval of a share of 0 or 1 (Clopper & Pearson 1934), of which no resample differs.

    >>> round(_binomial(0.0, 100)[1], 4)
    0.0362
    """
    far = ((1 - CONFIDENCE) / 2) ** (1 / count)
    return (0.0, 1 - far) if share == 0 else (far, 1.0)
