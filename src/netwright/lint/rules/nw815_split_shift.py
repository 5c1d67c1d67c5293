"""The validation or the test split looks different from the training split.

What. Inputs of another type, size, brightness or contrast, or classes in other shares, than those of
the training split.

Why. Validation chooses the best epoch, and it chooses for the data that it sees. A split that was made by
date, site or folder, or exported with other settings (0..1 in place of 0..255), measures the change rather
than the network. Networks rely on such differences between sites: Zech et al. 2018 found that a network for
pneumonia recognised the hospital on its X-rays.

Guard. Mean and deviation of each channel, and each size, are compared by the two-sample
test of Kolmogorov and Smirnov, and the class shares by chi-squared; the p-values are multiplied by the
number of tests (Bonferroni) and must be below .001. The distance of the distributions must also be at least
.25, since among thousands of examples any difference is significant. Examples of one volume or video count
as one.

Instead.

    random_split(everything, [0.8, 0.1, 0.1])  # or report on the shifted data under a name of their own
"""

from collections.abc import Iterator
from math import isnan
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from collections import Counter

    from netwright.lint.survey.part import Part
    from netwright.lint.survey.shift import Difference
    from netwright.lint.survey.survey import Survey

LEVEL = 0.001
DISTANCE = 0.25
"""The least distance of two distributions, from 0 (the same) to 1 (no overlap), that is reported."""


def look(survey: "Survey") -> Iterator[Remark]:
    """Report the splits whose statistics differ from those of the training split."""
    from netwright.lint.survey.shift import differences, kinds

    train = survey.parts.get("train")
    others = [part for part in survey.held_out if len(part.rows)]
    if train is None or not len(train.rows):
        return
    rows = {part.name: list(differences(train, part)) for part in others}
    tests = sum(map(len, rows.values()))
    for part in others:
        if not set(kinds(train)) & set(kinds(part)):
            yield _other_kind(survey, part, kinds(train), kinds(part))
            continue
        clear = [row for row in rows[part.name] if row.p * tests < LEVEL and row.distance >= DISTANCE]
        if clear:
            yield _remark(survey, part, sorted(clear, key=lambda row: -round(row.distance, 1)), tests)


def _remark(survey: "Survey", part: "Part", rows: "list[Difference]", tests: int) -> Remark:
    first = rows[0]
    change = "" if isnan(first.train) else f" ({first.train:.4g} in train, {first.other:.4g} in {part.name})"
    others = f"; so do {len(rows) - 1} other statistics" if len(rows) > 1 else ""
    features = [
        {
            "feature": row.name,
            "train": _plain(row.train),
            part.name: _plain(row.other),
            "distance": row.distance,
            "p": row.p,
        }
        for row in rows
    ]
    return Remark(
        survey.place,
        f"the {part.name} split looks different from train: {first.name} differs{change}, by a distance of "
        f"{first.distance:.2f} between the distributions{others}.",
        module=part.name,
        evidence={"split": part.name, "tests": tests, "features": features},
        fix=Fix("draw the splits from one pool, or report on shifted data under a name of their own"),
    )


def _plain(value: float) -> float | None:
    """Return a number, None for NaN, which JSON does not have."""
    return None if isnan(value) else value


def _other_kind(survey: "Survey", part: "Part", ours: "Counter[str]", theirs: "Counter[str]") -> Remark:
    return Remark(
        survey.place,
        f"the inputs of {part.name} are {theirs.most_common(1)[0][0]} and those of train "
        f"{ours.most_common(1)[0][0]}.",
        module=part.name,
        evidence={"train": dict(ours), part.name: dict(theirs)},
        fix=Fix("export all splits in one type"),
    )


RULE = Rule("warning", "manual", data=look)
