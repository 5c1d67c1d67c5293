"""The masks do not follow the images.

What. The edges of the labels agree with the edges of the images no better than when the masks are dealt out
to the images at random; masks that fit once they are mirrored or turned; single masks that fit another
image.

Why. Pairs are often made by sorting two folders, and a missing file, `10.png` before `9.png`, or an axis
order that differs (x and y, rows from below) then shifts every pair. Nothing fails: the network trains and
learns where the labels are on the average.

Guard. It is a permutation test: the mean correlation between the edges of image and label, on a grid of 64
x 64 cells, against 999 random orders of the masks; masks are reported if p > .05. At least eight pairs with
edges are needed. A single pair is reported only where the pairs usually fit by four standard deviations or
more, this one by less than one, and another mask fits it by four. Labels of things without visible edges
are reported wrongly; the baseline accepts them.

Instead.

    pairs = [(path, masks / path.name) for path in sorted(images.iterdir())]  # by name, not by position
"""

from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Place, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.survey.alignment import Alignment
    from netwright.lint.survey.part import Part
    from netwright.lint.survey.survey import Survey

BAR = 0.05
CLEAR = 4.0
"""The standard deviations by which pairs fit where single ones can be judged."""


def look(survey: "Survey") -> Iterator[Remark]:
    """Report masks that do not follow their images."""
    from netwright.lint.survey.alignment import alignment

    pairs = [
        (part, k, example.outline)
        for part in survey.parts.values()
        for k, example in enumerate(part.examples)
        if example.outline is not None
    ]
    fit = alignment([outline for _, _, outline in pairs])
    if fit is None:
        return
    if fit.turned or fit.p > BAR:
        yield _all(survey, fit)
    else:
        yield from _single(fit, [(part, k) for part, k, _ in pairs])


def _all(survey: "Survey", fit: "Alignment") -> Remark:
    own, others = fit.own, fit.shuffled
    evidence = {"pairs": len(fit.scores), "own": own, "shuffled": others, "p": fit.p}
    if fit.turned:
        turn, score = fit.turned
        message = (
            f"the masks fit the images once they are {turn}: the edges of image and label then correlate by "
            f"{score:.2f} on the average of {len(fit.scores)} pairs, and by {own:.2f} as they are."
        )
        return Remark(
            survey.place,
            message,
            evidence=evidence | {"turn": turn, "turned": score},
            fix=Fix(f"save the masks {turn}, and look at a few pairs"),
            severity="error",
        )
    message = (
        f"the label edges follow the image edges no better than with the masks of other images: over "
        f"{len(fit.scores)} pairs they correlate by {own:.3f}, and by {others:.3f} when shuffled "
        f"(p = {fit.p:.2f})."
    )
    return Remark(
        survey.place,
        message,
        evidence=evidence,
        fix=Fix("look at a few pairs: are images and masks in one order?"),
    )


def _single(fit: "Alignment", pairs: list[tuple["Part", int]]) -> Iterator[Remark]:
    """Yield the pairs whose mask fits another image where all others fit their own."""
    deviations = fit.deviations
    usual = median(float(deviations[row, row]) for row in range(len(pairs)))
    if usual < CLEAR:
        return
    for row, (part, k) in enumerate(pairs):
        best = int(deviations[row].argmax())
        if deviations[row, row] < 1 and deviations[row, best] >= CLEAR:
            owner, index = pairs[best]
            yield Remark(
                Place(part.origin.file(k)),
                f"{part.origin.place(k)} does not fit its mask, but that of {owner.origin.place(index)}.",
                evidence={
                    "own": float(deviations[row, row]),
                    "other": float(deviations[row, best]),
                    "usual": usual,
                    "mask": part.origin.file(k, mask=True),
                    "fits": owner.origin.file(index, mask=True),
                },
                fix=Fix("look at both pairs: their masks may be exchanged"),
            )


RULE = Rule("warning", "manual", data=look)
