"""A mask holds values that are not classes.

What. Masks with values outside the classes; the value 255 beside 0, 1, ..., k, which may mean "ignore"; a
value that is missing from 0, 1, ..., k; masks of {0, 255} that are read as 256 classes; class indices out
of range.

Why. A loss of torch indexes with the value of the mask. A value beyond the head stops the training with
"Target 255 is out of bounds" on a CPU, and with a device-side assertion on a GPU that names no file. Values
of 255 that count as a class teach the network the outlines that an annotator left open (the borders of VOC
2012 are 255), and 256 classes instead of two make the last layer 128 times as large. These are the most
frequent questions to nnU-Net (issues 37, 154 and 1183) and to Pytorch-UNet (issue 375).

Guard. Two values of any size, as in {0, 255}, are two classes. A gap counts only where the values were
taken from the masks, and only among values below 64; where the names of the classes are known, an absent
class is left to NW806.

Instead.

    netwright check --data cells --ignore 255
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Place, Remark
from netwright.lint.rule import Rule
from netwright.lint.survey.words import count, listed

if TYPE_CHECKING:
    from netwright.lint.survey.survey import Survey

IGNORED = 255
SMALL = 64
"""Values below this are taken for class numbers, among which a gap is noticed."""


def look(survey: "Survey") -> Iterator[Remark]:
    """Report the values of masks that are not classes, and class indices out of range."""
    yield from _indices(survey)
    present = survey.mask_values.counts
    if not present:
        return
    unknown = sorted(set(present) - set(survey.known)) if survey.known else []
    if unknown:
        yield _outside(survey, unknown)
    if not survey.named:
        yield from _numbered(survey, sorted(set(present) - set(survey.ignore)))
    if set(present) == {0, IGNORED} and survey.known == tuple(range(256)):
        yield Remark(
            survey.place,
            "the masks hold the values 0 and 255 and are read as 256 classes, of which 254 never occur.",
            evidence={"values": [0, IGNORED], "classes": 256},
            fix=Fix("name the two classes: --classes 0=background,255=cell"),
            severity="warning",
        )


def _outside(survey: "Survey", unknown: list[int]) -> Remark:
    holding = survey.holding(set(unknown))
    files = list(dict.fromkeys(part.origin.file(k, mask=True) for part, k in holding))
    values = {str(value): survey.mask_values.counts[value] for value in unknown}
    what = f"the value{'s' * (len(unknown) > 1)} {_few(unknown)}"
    if IGNORED in unknown:
        what += ", which often means that a position counts for nothing"
    return Remark(
        Place(files[0]),
        f"{count(len(holding), 'mask', 'hold')} {what}, and the classes are {_few(survey.known)}: "
        f"{listed(part.origin.place(k, mask=True) for part, k in holding)}.",
        evidence={"values": values, "files": files},
        fix=Fix(f"correct the masks, or leave the positions out with --ignore {unknown[0]}"),
    )


def _numbered(survey: "Survey", values: list[int]) -> Iterator[Remark]:
    """Yield what is odd about values that number the classes but have no names."""
    numbers = [value for value in values if value != IGNORED]
    if IGNORED in values and len(numbers) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        share = survey.mask_values.share(IGNORED)
        yield Remark(
            survey.place,
            f"255 stands beside {_few(numbers)} in the masks, on {share:.1%} of the positions; "
            "it may be a class, or mean that a position counts for nothing.",
            evidence={"values": values, "share": share},
            fix=Fix("give --ignore 255, or name every class with --classes"),
            severity="warning",
        )
    missing = sorted(set(range(numbers[0], numbers[-1] + 1)) - set(numbers)) if numbers else []
    if missing and len(numbers) > 2 and numbers[-1] < SMALL and len(missing) < len(numbers):
        yield Remark(
            survey.place,
            f"the masks hold the values {_few(numbers)}, but never {_few(missing)}.",
            evidence={"values": numbers, "missing": missing},
            fix=Fix("name every class with --classes, or correct the values"),
            severity="warning",
        )


def _indices(survey: "Survey") -> Iterator[Remark]:
    """Yield the class indices that are out of range."""
    for part in survey.parts.values():
        labels = part.labels
        if labels is None:
            continue
        wrong = [k for k, label in enumerate(labels.tolist()) if not 0 <= label < len(survey.classes)]
        if wrong:
            yield Remark(
                Place(part.origin.file(wrong[0])),
                f"{count(len(wrong), 'example', 'have')} a class index outside 0..{len(survey.classes) - 1} "
                f"in {part.name}, such as {labels[wrong[0]]}: {listed(map(part.origin.place, wrong))}.",
                evidence={"indices": sorted({int(labels[k]) for k in wrong}), "classes": len(survey.classes)},
                fix=Fix("number the classes from 0 on"),
            )


def _few(values: "tuple[int, ...] | list[int]") -> str:
    """Return values in words; a run of three or more by its ends.

    >>> _few([0, 1, 2, 3]), _few([0, 255]), _few([3])
    ('0..3', '0 and 255', '3')
    """
    if len(values) > 2 and list(values) == list(range(values[0], values[-1] + 1)):
        return f"{values[0]}..{values[-1]}"
    shown = [str(value) for value in values[:8]]
    if len(values) > 8:
        return f"{', '.join(shown)} and {len(values) - 8} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


RULE = Rule("error", "manual", data=look)
