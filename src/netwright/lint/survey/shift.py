"""How the inputs of two splits differ: their types, and the distributions of their statistics."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netwright.lint.survey.part import Part


@dataclass(frozen=True)
class Difference:
    """One statistic of the inputs of two splits.

    Args:
        name: The statistic, such as "the mean of channel 0".
        train: Its mean over the training split; NaN where a mean has no meaning.
        other: Its mean over the other split.
        distance: The distance of the distributions, from 0 (the same) to 1 (no overlap).
        p: The probability of such a distance between two samples of one population.
    """

    name: str
    train: float
    other: float
    distance: float
    p: float


def kinds(part: Part) -> Counter[str]:
    """Return how many inputs have each type."""
    return Counter(example.kind for example in part.examples if example.kind)


def differences(train: Part, part: Part) -> Iterator[Difference]:
    """Yield a difference for each statistic that both splits have."""
    from scipy.stats import ks_2samp

    ours, theirs = _features(train), _features(part)
    for name in ours:
        one, two = ours[name], theirs.get(name, np.zeros(0))
        if len(one) and len(two) and (np.ptp(one) or np.ptp(two) or one[0] != two[0]):
            test = ks_2samp(one, two)
            yield Difference(
                name, float(one.mean()), float(two.mean()), float(test.statistic), float(test.pvalue)
            )
    if train.labels is not None and part.labels is not None:
        yield from _classes(train.labels, part.labels)


def _classes(ours: np.ndarray, theirs: np.ndarray) -> Iterator[Difference]:
    from scipy.stats import chi2_contingency

    table = np.array(
        [[(labels == value).sum() for value in np.union1d(ours, theirs)] for labels in (ours, theirs)]
    )
    if table.shape[1] > 1:
        shares = table / table.sum(1, keepdims=True)
        distance = float(np.abs(shares[0] - shares[1]).sum() / 2)
        p = float(chi2_contingency(table).pvalue)
        yield Difference("the shares of the classes", np.nan, np.nan, distance, p)


def _features(part: Part) -> dict[str, np.ndarray]:
    """Return the statistics of the inputs by name; of each group the mean counts."""
    channels = part.sketch.mean.shape[1]
    columns: dict[str, np.ndarray] = {}
    for title, values in (
        ("mean", part.sketch.mean),
        ("deviation", part.sketch.std),
    ):
        for channel in range(channels):
            suffix = f" of channel {channel}" if channels > 1 else ""
            columns[f"the {title}{suffix}"] = values[:, channel]
    shapes = [part.examples[k].shape for k in part.rows]
    for axis in range(1, min(map(len, shapes))):
        columns[f"the size along axis {axis - 1}"] = np.array([shape[axis] for shape in shapes], float)
    return {name: _grouped(part, values) for name, values in columns.items()}


def _grouped(part: Part, values: np.ndarray) -> np.ndarray:
    """Return the finite values, or their means over the groups."""
    groups = part.origin.groups
    names = np.array([groups[k] for k in part.rows]) if groups else np.arange(len(values))
    finite = np.isfinite(values)
    names, values = names[finite], values[finite]
    _, index = np.unique(names, return_inverse=True)
    return np.bincount(index, values) / np.maximum(np.bincount(index), 1) if len(values) else values
