"""A channel is constant, or holds values that are no numbers.

What. NaN or infinity in an input; a channel with one value throughout all inputs; inputs that are blank while
their label or mask says that they show something.

Why. One NaN in a batch makes the loss NaN and with it every weight. A channel that never changes has deviation
0, so normalising divides by zero, and its weights never learn. A blank image with a label is usually a failed
export, and it teaches that nothing looks like that class.

Guard. Blank slices of a volume whose mask holds a single value are let through, since stacks often begin
and end with them.

Instead.

    image = np.nan_to_num(image, nan=float(np.nanmedian(image)))
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from netwright.lint.finding import Fix, Place, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.survey.part import Part
    from netwright.lint.survey.survey import Survey


def look(survey: "Survey") -> Iterator[Remark]:
    """Report constant channels, NaN and infinity."""
    parts = [part for part in survey.parts.values() if len(part.rows)]
    for part in parts:
        yield from _no_numbers(part)
        yield from _blank(part)
    if parts and sum(len(part.rows) for part in parts) > 1:
        lows = np.nanmin(np.concatenate([_fit(part.sketch.low, parts) for part in parts]), axis=0)
        highs = np.nanmax(np.concatenate([_fit(part.sketch.high, parts) for part in parts]), axis=0)
        for channel in np.flatnonzero(lows == highs):
            yield Remark(
                survey.place,
                f"channel {channel} is {lows[channel]:g} in every input of every split.",
                module=f"channel {channel}",
                evidence={"channel": int(channel), "value": float(lows[channel])},
                fix=Fix("leave the channel out, or look for its values"),
                severity="warning",
            )


def _fit(values: np.ndarray, parts: list["Part"]) -> np.ndarray:
    """Return rows with as many channels as the widest split has."""
    width = max(part.sketch.low.shape[1] for part in parts)
    return np.pad(values, ((0, 0), (0, width - values.shape[1])), constant_values=np.nan)


def _no_numbers(part: "Part") -> Iterator[Remark]:
    from netwright.lint.survey.survey import count, listed

    bad = np.nansum(part.sketch.bad, axis=1)
    rows = np.flatnonzero(bad)
    if not len(rows):
        return
    numbers = [int(part.rows[row]) for row in rows]
    files = {part.origin.file(k): int(bad[row]) for k, row in zip(numbers, rows, strict=True)}
    yield Remark(
        Place(part.origin.file(numbers[0])),
        f"{count(len(rows), 'input')} of {part.name} hold NaN or infinity: "
        f"{listed(part.origin.place(k) for k in numbers)}; the first has {count(int(bad[rows[0]]), 'such value')}.",
        evidence={"files": files},
        fix=Fix("replace the values that are missing, or leave the inputs out"),
        severity="error",
    )


def _blank(part: "Part") -> Iterator[Remark]:
    from netwright.lint.survey.survey import count, listed

    constant = (part.sketch.low >= part.sketch.high) | np.isnan(part.sketch.low)
    numbers = [int(part.rows[row]) for row in np.flatnonzero(constant.all(axis=1))]
    shown = [k for k in numbers if not _empty(part, k)]
    if shown:
        yield Remark(
            Place(part.origin.file(shown[0])),
            f"{count(len(shown), 'input')} of {part.name} {'is' if len(shown) == 1 else 'are'} blank: "
            f"{listed(part.origin.place(k) for k in shown)}.",
            evidence={"files": list(dict.fromkeys(part.origin.file(k) for k in shown))},
            fix=Fix("export the images again, or leave them out"),
            severity="warning",
        )


def _empty(part: "Part", k: int) -> bool:
    """Return True if the mask of an example says that there is nothing to see."""
    mask = part.examples[k].mask
    return mask is not None and len(mask.values.counts) < 2


RULE = Rule("error", "manual", data=look)
