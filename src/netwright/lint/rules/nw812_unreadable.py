"""A file of the data cannot be read.

What. Images, volumes and masks that are empty, truncated, damaged or of a format that is not read.

Why. The training stops at the first of them, perhaps after an hour, and names one file at a time. A
truncated download is common: a JPEG that lacks its end decodes to grey below the break in tools that do not
complain.

Instead.

    netwright train resnet20 --data photos --skip-bad  # leave them out, and count them
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Place, Remark
from netwright.lint.rule import Rule
from netwright.lint.survey.words import count, listed

if TYPE_CHECKING:
    from netwright.lint.survey.part import Part
    from netwright.lint.survey.survey import Survey


def look(survey: "Survey") -> Iterator[Remark]:
    """Report the images and the masks that cannot be read."""
    for part in survey.parts.values():
        images = {k: example.broken for k, example in enumerate(part.examples) if example.broken}
        masks = {k: example.broken_mask for k, example in enumerate(part.examples) if example.broken_mask}
        for reasons, noun in ((images, "image"), (masks, "mask")):
            if reasons:
                yield _remark(part, reasons, noun)


def _remark(part: "Part", reasons: dict[int, str], noun: str) -> Remark:
    first = next(iter(reasons))
    masks = noun == "mask"
    files = {part.origin.file(k, mask=masks): reason for k, reason in reasons.items()}
    names = [part.origin.place(k, mask=masks) for k in reasons]
    message = f"{count(len(reasons), noun)} of {part.name} cannot be read: {listed(names)}: {reasons[first]}."
    return Remark(
        Place(part.origin.file(first, mask=masks)),
        message,
        evidence={"files": files, "places": names[:1000]},
        fix=Fix("repair or remove the files, or leave them out with --skip-bad"),
    )


RULE = Rule("error", "manual", data=look)
