"""The same input has different labels.

What. Inputs that are equal, within a split or across splits, or nearly equal across splits, and whose class
or mask differs.

Why. At most one of the labels is right, and no network can answer both: the loss of such a pair never falls
below ln 2 on the average. Northcutt, Athalye & Mueller 2021 count 3.3 % wrong labels in the test sets of
ten common data sets, and 6 % in ImageNet's; copies with different labels are the ones that need no second
opinion.

Guard. Blank inputs are left to NW813. Masks of nearly equal inputs are not compared, because they may
rightly differ by a few pixels.

Instead.

    rm photos/cat/017.jpg  # the copy with the wrong label
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Place, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.survey.part import Part
    from netwright.lint.survey.survey import Survey

Entry = tuple["Part", int]
SHOWN = 200


def look(survey: "Survey") -> Iterator[Remark]:
    """Report equal inputs with different labels, and nearly equal ones."""
    equal = list(_equal(survey))
    if equal:
        yield _remark(survey, equal, "equal", "warning")
    near = list(_near(survey))
    if near:
        yield _remark(survey, near, "nearly the same", "info")


def _label(survey: "Survey", entry: Entry) -> str | bytes | None:
    """Return the name of the class of an input, or the digest of its mask; None if it has neither."""
    part, k = entry
    if part.labels is not None:
        return survey.name_of(int(part.labels[k]))
    mask = part.examples[k].mask
    return mask.digest if mask is not None else None


def _equal(survey: "Survey") -> Iterator[tuple[Entry, Entry]]:
    """Yield two inputs of each set of equal ones that has more than one label."""
    copies: dict[bytes, list[Entry]] = defaultdict(list)
    for part in survey.parts.values():
        for k, digest, small in zip(part.rows.tolist(), part.sketch.digests, part.sketch.small, strict=True):
            if small.any():
                copies[digest].append((part, k))
    for first, *others in copies.values():
        label = _label(survey, first)
        other = next((entry for entry in others if _label(survey, entry) not in (label, None)), None)
        if label is not None and other is not None:
            yield first, other


def _near(survey: "Survey") -> Iterator[tuple[Entry, Entry]]:
    """Yield the nearly equal inputs of two splits that have different classes."""
    for part in survey.held_out:
        for name, alike in survey.twins(part).items():
            other = survey.parts[name]
            for twin in alike:
                if part.labels is None or other.labels is None or twin.correlation == 1:
                    continue
                if part.labels[twin.k] != other.labels[twin.like]:
                    yield (part, twin.k), (other, twin.like)


def _remark(survey: "Survey", pairs: list[tuple[Entry, Entry]], how: str, severity: str) -> Remark:
    (part, k), (other, like) = pairs[0]
    first = f"{_name(part, k)} and {_name(other, like)}"
    label, second = (_label(survey, entry) for entry in pairs[0])
    if isinstance(label, str):
        first = f"{_name(part, k)} (`{label}`) and {_name(other, like)} (`{second!s}`)"
    what = "classes" if isinstance(label, str) else "masks"
    rows = [
        {"one": _name(a, i), "other": _name(b, j)} | _names(survey, (a, i), (b, j))
        for (a, i), (b, j) in pairs[:SHOWN]
    ]
    many = f"{len(pairs):,} pairs of inputs are" if len(pairs) > 1 else "two inputs are"
    return Remark(
        Place(part.origin.file(k)),
        f"{many} {how} and have different {what}: {first}.",
        module=how,
        evidence={"pairs": rows},
        fix=Fix("keep the copy with the right label"),
        severity="warning" if severity == "warning" else "info",
    )


def _name(part: "Part", k: int) -> str:
    return f"{part.origin.place(k)} of {part.name}"


def _names(survey: "Survey", one: Entry, other: Entry) -> dict[str, str]:
    """Return the classes of two inputs; a mask has no name."""
    labels = {"class": _label(survey, one), "other_class": _label(survey, other)}
    return {key: label for key, label in labels.items() if isinstance(label, str)}


RULE = Rule("warning", "manual", data=look)
