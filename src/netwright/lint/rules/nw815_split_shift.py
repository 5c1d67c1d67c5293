"""The validation or the test split looks different from the training split.

What. Inputs of another type, size, brightness, contrast or range, or classes in other shares, than those of the
training split.

Why. Validation chooses the best epoch, and it chooses for the data that it sees. A split that was made by date,
site or folder, or exported with other settings (0..1 in place of 0..255), measures the change rather than the
network. Networks rely on such differences between sites: Zech et al. 2018 found that a network for pneumonia
recognised the hospital on its X-rays.

Guard. Mean, deviation, minimum and maximum of each channel, and each size, are compared by the two-sample test
of Kolmogorov and Smirnov, and the class shares by chi-squared; the p-values are multiplied by the number of tests
(Bonferroni) and must be below .001. The distance of the distributions must also be at least .25, since among
thousands of examples any difference is significant. Examples of one volume or video count as one.

Instead.

    random_split(everything, [0.8, 0.1, 0.1])  # or report on the shifted data under a name of their own
"""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.survey.part import Part
    from netwright.lint.survey.survey import Survey

LEVEL = 0.001
DISTANCE = 0.25
"""The least distance of two distributions, from 0 (the same) to 1 (no overlap), that is reported."""
Row = tuple[str, float, float, float, float]
"""A feature, its mean in training and in the other split, the distance and the p-value."""


def look(survey: "Survey") -> Iterator[Remark]:
    """Report the splits whose statistics differ from those of the training split."""
    train = survey.parts.get("train")
    if train is None or not len(train.rows):
        return
    tests = [(part, row) for part in survey.held_out if len(part.rows) for row in _compared(train, part)]
    for part in survey.held_out:
        kinds = _kinds(train), _kinds(part)
        if kinds[0] and kinds[1] and not set(kinds[0]) & set(kinds[1]):
            yield _other_kind(survey, part, kinds)
            continue
        rows = [row for owner, row in tests if owner is part and row[4] * len(tests) < LEVEL and row[3] >= DISTANCE]
        if rows:
            yield _remark(survey, part, sorted(rows, key=lambda row: -row[3]), len(tests))


def _kinds(part: "Part") -> Counter[str]:
    return Counter(example.kind for example in part.examples if example.kind)


def _compared(train: "Part", part: "Part") -> Iterator[Row]:
    """Yield a row for each feature that both splits have."""
    from scipy.stats import ks_2samp

    ours, theirs = _features(train), _features(part)
    for name in ours:
        one, two = ours[name], theirs.get(name, np.zeros(0))
        if len(one) and len(two) and (np.ptp(one) or np.ptp(two) or one[0] != two[0]):
            test = ks_2samp(one, two)
            yield name, float(one.mean()), float(two.mean()), float(test.statistic), float(test.pvalue)
    if train.labels is not None and part.labels is not None:
        yield from _classes(train.labels, part.labels)


def _classes(ours: np.ndarray, theirs: np.ndarray) -> Iterator[Row]:
    from scipy.stats import chi2_contingency

    table = np.array([[(labels == value).sum() for value in np.union1d(ours, theirs)] for labels in (ours, theirs)])
    if table.shape[1] > 1:
        shares = table / table.sum(1, keepdims=True)
        distance = float(np.abs(shares[0] - shares[1]).sum() / 2)
        yield "the class shares", np.nan, np.nan, distance, float(chi2_contingency(table).pvalue)


def _features(part: "Part") -> dict[str, np.ndarray]:
    """Return the statistics of the inputs by name; of each group the mean counts."""
    channels = part.sketch.mean.shape[1]
    columns: dict[str, np.ndarray] = {}
    for title, values in (
        ("mean", part.sketch.mean),
        ("deviation", part.sketch.std),
        ("minimum", part.sketch.low),
        ("maximum", part.sketch.high),
    ):
        for channel in range(channels):
            suffix = f" of channel {channel}" if channels > 1 else ""
            columns[f"the {title}{suffix}"] = values[:, channel]
    shapes = [part.examples[k].shape for k in part.rows]
    for axis in range(1, min(map(len, shapes))):
        columns[f"the size along axis {axis - 1}"] = np.array([shape[axis] for shape in shapes], float)
    return {name: _grouped(part, values) for name, values in columns.items()}


def _grouped(part: "Part", values: np.ndarray) -> np.ndarray:
    """Return the finite values, or their means over the groups."""
    groups = part.origin.groups
    names = np.array([groups[k] for k in part.rows]) if groups else np.arange(len(values))
    finite = np.isfinite(values)
    names, values = names[finite], values[finite]
    _, index = np.unique(names, return_inverse=True)
    return np.bincount(index, values) / np.maximum(np.bincount(index), 1) if len(values) else values


def _remark(survey: "Survey", part: "Part", rows: list[Row], tests: int) -> Remark:
    name, ours, theirs, distance, p = rows[0]
    change = f" ({ours:.4g} in train, {theirs:.4g} in {part.name}, on the average)" if ours == ours else ""
    others = f"; so do {len(rows) - 1} more statistics" if len(rows) > 1 else ""
    return Remark(
        survey.place,
        f"the {part.name} split looks different from train: {name} differs{change}, by a distance of {distance:.2f} "
        f"between the distributions{others}.",
        module=part.name,
        evidence={
            "split": part.name,
            "tests": tests,
            "features": [
                {"feature": row[0], "train": _plain(row[1]), part.name: _plain(row[2]), "distance": row[3], "p": row[4]}
                for row in rows
            ],
        },
        fix=Fix("draw the splits from one pool, or report on shifted data under a name of their own"),
    )


def _plain(value: float) -> float | None:
    """Return a number, None for NaN, which JSON does not have."""
    return None if np.isnan(value) else value


def _other_kind(survey: "Survey", part: "Part", kinds: tuple[Counter[str], Counter[str]]) -> Remark:
    ours, theirs = (kind.most_common(1)[0][0] for kind in kinds)
    return Remark(
        survey.place,
        f"the inputs of {part.name} are {theirs} and those of train {ours}.",
        module=part.name,
        evidence={"train": dict(kinds[0]), part.name: dict(kinds[1])},
        fix=Fix("export all splits in one type"),
    )


RULE = Rule("warning", "manual", data=look)
