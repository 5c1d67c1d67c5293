"""A channel is constant, or holds values that are not numbers.

What. NaN or infinity in an input; a channel with one value throughout all inputs; inputs that are blank
while their label or mask says that they show something.

Why. One NaN in a batch makes the loss NaN and with it every weight. A channel that never changes has
deviation 0, so normalising divides by zero, and its weights never learn. A blank image with a label is
usually a failed export, and it teaches that nothing looks like that class.

Guard. Blank slices of a volume whose mask holds a single value are let through, since stacks often begin
and end with them.

Instead.

    image = np.nan_to_num(image, nan=float(np.nanmedian(image)))
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
    """Report constant channels, NaN and infinity."""
    for part in survey.parts.values():
        yield from _no_numbers(part)
        yield from _blank(part)
    for channel, value in survey.constant_channels().items():
        yield Remark(
            survey.place,
            f"channel {channel} is {value:g} in every input of every split.",
            module=f"channel {channel}",
            evidence={"channel": channel, "value": value},
            fix=Fix("leave the channel out, or look for its values"),
            severity="warning",
        )


def _no_numbers(part: "Part") -> Iterator[Remark]:
    bad = part.bad_values()
    if not bad:
        return
    numbers = list(bad)
    files = {part.origin.file(k): number for k, number in bad.items()}
    yield Remark(
        Place(part.origin.file(numbers[0])),
        f"{count(len(numbers), 'input', 'hold')} NaN or infinity in {part.name}: "
        f"{listed(map(part.origin.place, numbers))}; the first has {count(bad[numbers[0]], 'such value')}.",
        evidence={"files": files},
        fix=Fix("replace the values that are missing, or leave the inputs out"),
        severity="error",
    )


def _blank(part: "Part") -> Iterator[Remark]:
    shown = [k for k in part.blank() if not _empty(part, k)]
    if shown:
        yield Remark(
            Place(part.origin.file(shown[0])),
            f"{count(len(shown), 'input', 'are')} blank in {part.name}: "
            f"{listed(map(part.origin.place, shown))}.",
            evidence={"files": list(dict.fromkeys(part.origin.file(k) for k in shown))},
            fix=Fix("export the images again, or leave them out"),
            severity="warning",
        )


def _empty(part: "Part", k: int) -> bool:
    """Return True if the mask of an example says that there is nothing to see."""
    mask = part.examples[k].mask
    return mask is not None and len(mask.values.counts) < 2


RULE = Rule("error", "manual", data=look)
