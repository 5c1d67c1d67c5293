"""A class is missing from a split, or one class fills nearly everything.

What. A class that the training split, the validation split or the test split does not hold; and a class
that covers so much that answering it everywhere scores well.

Why. A class without training examples cannot be learned, and one without test examples is not measured: the
mean over classes then leaves it out or counts it as 0. Where the background covers 98 % of the positions,
"all background" is right at 98 % of them, so accuracy says nothing and a network trained on cross-entropy
alone often ends there (Pytorch-UNet, issues 370 and 420).

Guard. A class is missing from a split only if another split holds it; classes that occur nowhere are an
info. A dominant class is an info, because many true data sets have one; it is reported from 95 % on.

Instead.

    netwright train unet_same --data lesions --loss dice
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.lint.survey.words import quoted

if TYPE_CHECKING:
    from netwright.lint.survey.survey import Survey

DOMINANT = 0.95
"""The share of all positions, or of all examples, from which on a class is reported."""


def look(survey: "Survey") -> Iterator[Remark]:
    """Report missing classes and a dominant class."""
    shares = survey.shares
    if not shares or sum(sum(counts.values()) for counts in shares.values()) == 0:
        return
    yield from _missing(survey, shares)
    held = {label for counts in shares.values() for label, number in counts.items() if number}
    train = shares.get("train") or next(iter(shares.values()))
    total = sum(train.values())
    label, number = max(train.items(), key=lambda item: item[1])
    if total and number / total >= DOMINANT and len(held) > 1:
        what = "positions" if survey.masked else "examples"
        yield Remark(
            survey.place,
            f"`{survey.name_of(label)}` is {number / total:.1%} of all training {what}, so answering nothing "
            "else is right as often.",
            evidence={"class": survey.name_of(label), "share": number / total},
            fix=Fix("judge by Dice or IoU, and draw batches so that the rare classes occur"),
            severity="info",
        )


def _missing(survey: "Survey", shares: Mapping[str, Mapping[int, int]]) -> Iterator[Remark]:
    held = {label for counts in shares.values() for label, number in counts.items() if number}
    for name, counts in shares.items():
        missing = [label for label in sorted(held) if not counts.get(label)]
        if missing:
            yield Remark(
                survey.place,
                f"the {name} split has no example of {_classes(survey, missing)}.",
                module=name,
                evidence={"split": name, "classes": [survey.name_of(label) for label in missing]},
                fix=Fix("split the data so that every split holds every class"),
                severity="error" if name == "train" else "warning",
            )
    nowhere = [label for label in range(len(survey.classes)) if label not in held]
    if nowhere:
        yield Remark(
            survey.place,
            f"no split has an example of {_classes(survey, nowhere)}.",
            evidence={"classes": [survey.name_of(label) for label in nowhere]},
            fix=Fix("leave the class out, or look for its examples"),
            severity="info",
        )


def _classes(survey: "Survey", labels: list[int]) -> str:
    return f"the class{'es' * (len(labels) > 1)} {quoted(map(survey.name_of, labels))}"


RULE = Rule("warning", "manual", data=look)
