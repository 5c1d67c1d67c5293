"""Examples of the validation or the test split are nearly the same as training examples.

What. An input that is held out and is equal or nearly equal to one of the training split; slices of one
volume, or frames of one video, that are dealt out to the splits one by one.

Why. A network that has seen the answer reports a score that new data will not repeat. Barz & Denzler 2020
("Do we train on test data?") found 3.3 % of the test images of CIFAR-10 among its training images; without
them the ranking of published networks stays, but every error rises, by up to 14 % of itself on CIFAR-100.
Neighbouring slices and frames show nearly the same scene, so a random split of them measures memory
(nnU-Net, issue 1871).

Guard. Two inputs are nearly the same if the correlation of all their values is at least .95 and if they are
ten times closer than inputs of these data usually are to their tenth nearest one; equal values always
count. Below 5 % of a split they are an info. Sequences are known by numbers in file names and by pages, and
count only if at least half of the neighbours in two splits are more alike than 95 % of the inputs far apart
in them. So consecutive blocks are let through, and so are files that are numbered in no particular order.
Pairs of less than five numbers apart are judged as a sequence only.

Instead.

    train, test = slices[:24], slices[24:]  # blocks, or whole volumes
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Place, Remark
from netwright.lint.rule import Rule
from netwright.lint.survey.words import count

if TYPE_CHECKING:
    from netwright.lint.survey.part import Part
    from netwright.lint.survey.survey import Survey
    from netwright.lint.survey.twins import Twin

SERIOUS = 0.05
"""The share of a split from which on inputs that are nearly the same are a warning."""
MANY = 4
"""The fewest places at which a sequence passes to another split for it to count as interleaved."""
SHOWN = 200


def look(survey: "Survey") -> Iterator[Remark]:
    """Report held-out inputs that the network has seen in training."""
    from netwright.lint.survey.order import crossings

    crossing = crossings(survey.parts, survey.root)
    touched = crossing.touched
    if len(crossing.steps) >= MANY and touched >= crossing.held_out / 2 and crossing.alike >= 0.5:
        first = crossing.steps[0]
        held, train = survey.parts[first.split], survey.parts["train"]
        yield Remark(
            Place(held.origin.file(first.k)),
            f"slices or frames that follow each other are interleaved among the splits: {touched} of the "
            f"{crossing.held_out} that are held out have a neighbour in train, such as "
            f"{held.origin.place(first.k)} beside {train.origin.place(first.train)}.",
            module="interleaved",
            evidence={"held_out": crossing.held_out, "beside_train": touched, "alike": crossing.alike},
            fix=Fix("split by whole volumes or videos, or cut each into consecutive blocks (--group)"),
            severity="warning",
        )
    for part in survey.held_out:
        for name, alike in survey.twins(part).items():
            if alike:
                yield _remark(survey, part, survey.parts[name], alike)


def _remark(survey: "Survey", part: "Part", other: "Part", alike: "list[Twin]") -> Remark:
    first = alike[0]
    equal = sum(twin.correlation == 1 for twin in alike)
    how = "equal to" if equal == len(alike) else "nearly the same as"
    share = len(alike) / len(part)
    more = f", and {len(alike) - 1:,} more" if len(alike) > 1 else ""
    pairs = [
        {
            "input": part.origin.place(twin.k),
            "like": other.origin.place(twin.like),
            "correlation": round(twin.correlation, 4),
        }
        for twin in alike[:SHOWN]
    ]
    return Remark(
        Place(part.origin.file(first.k)),
        f"{len(alike):,} of {count(len(part), 'input')} of {part.name} ({share:.1%}) "
        f"{'is' if len(alike) == 1 else 'are'} {how} an input of {other.name}: "
        f"{part.origin.place(first.k)} and {other.origin.place(first.like)}{more}.",
        module=f"{part.name} {other.name}",
        evidence={"share": share, "equal": equal, "pairs": pairs},
        fix=Fix(f"leave them out of {other.name}, or keep copies of one picture in one split"),
        severity="warning" if share >= SERIOUS else "info",
    )


RULE = Rule("warning", "manual", data=look)
