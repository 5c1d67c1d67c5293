"""Which class each value of a mask stands for: what the masks hold, and what the caller says."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from warnings import warn

import numpy as np
import torch

from netwright.data import cache
from netwright.data.progress import shown
from netwright.data.read import read_map
from netwright.data.readers.image import limited
from netwright.data.reading import READING, Reading
from netwright.data.stored import Content, stamps
from netwright.errors import DataError, UnreadableError

MANY = 64  # more values than this are not classes: objects, resampled masks, photographs
FEW = 8  # values that are looked for one after the other, which is faster than sorting
UNLABELLED = 255  # usual for positions without a label, but also for the foreground


@dataclass(frozen=True)
class Labels:
    """The classes of masks, the value of each, and the values that count for nothing.

    `colours` says that the values are colours, red * 65536 + green * 256 + blue.
    """

    classes: tuple[str, ...]
    values: tuple[int, ...]
    ignore: tuple[int, ...] = ()
    colours: bool = False


def labels(masks: Sequence[Content], reading: Reading, where: str) -> Labels:
    """Return the classes of masks from the values that they hold.

    Two values are two classes, whichever they are. 255 beside 0, 1, ... may be a class or mean "no label", so
    the caller must say which.

    Raises:
        DataError: The values are too many or ambiguous, or `reading` contradicts them.
    """
    values, colours = values_of(masks, reading)
    if not values:
        reason = _unreadable(masks[0], reading)
        raise DataError(f"none of the {len(masks)} masks in `{where}` can be read; of the first: {reason}.")
    return chosen(values, colours, reading, where)


def chosen(values: Sequence[int], colours: bool, reading: Reading, where: str) -> Labels:
    """Return the classes of masks that hold these values; see `labels`."""
    if unused := sorted(set(reading.ignore) - set(values)):
        warn(
            f"no mask in `{where}` has {'the value' if len(unused) == 1 else 'the values'} "
            f"{', '.join(map(str, unused))} of `ignore`; the masks have {written(values, colours)}.",
            stacklevel=2,
        )
    if reading.classes:
        return _declared(values, reading, where, colours)
    left = sorted(set(values) - set(reading.ignore))
    if reason := _ambiguous(left):
        raise DataError(f"the masks in `{where}` have {reason}")
    return Labels(tuple(_name(value, colours) for value in left), tuple(left), reading.ignore, colours)


def named(
    names: Sequence[str], values: Sequence[int], reading: Reading, ignore: Sequence[int] = ()
) -> Labels:
    """Return the classes that a layout defines, unless the caller names others."""
    if reading.classes:
        return _declared((), reading, "the masks", False)
    if len(names) < 2:
        listed = ", ".join(names) or "none"
        raise DataError(f"the masks have fewer than two classes ({listed}), so there is nothing to learn.")
    return Labels(tuple(names), tuple(values), reading.ignore or tuple(ignore))


def values_of(masks: Sequence[Content], reading: Reading = READING) -> tuple[tuple[int, ...], bool]:
    """Return the values that occur in masks, ascending, and whether they are colours.

    What was found is kept in the cache. A mask that cannot be read is passed over; decoding refuses it.
    """
    key = sha256(f"values 1 {reading.max_pixels} {stamps(masks)}".encode()).hexdigest()
    if cached := cache.read(key):
        return tuple(cached[0]["values"].tolist()), cached[1]["colours"]
    seen: set[int] = set()
    colours = False
    with limited(reading.max_pixels):
        for mask in shown(masks, "reading masks"):
            try:
                picture = read_map(mask, colours=True)
            except UnreadableError:
                continue
            colours |= picture.colours
            seen.update(distinct(picture.values))
            if len(seen) > 100 * MANY:
                break
    if not colours:
        seen = {value & 255 if value > 0xFFFF and _grey(value) else value for value in seen}
    values = tuple(sorted(seen))
    cache.write(key, {"values": torch.tensor(values, dtype=torch.int64)}, {"colours": colours})
    return values, colours


def written(values: Iterable[int], colours: bool = False) -> str:
    """Return values as a person writes a set.

    >>> written([0, 1, 2, 3]), written([0, 255]), written(range(0, 40, 2))
    ('0..3', '{0, 255}', '{0, 2, 4, 6, 8, 10, ..., 38}')
    """
    listed = sorted(values)
    if len(listed) > 2 and listed == list(range(listed[0], listed[-1] + 1)):
        return f"{listed[0]}..{listed[-1]}"
    texts = [_name(value, colours) for value in listed]
    return f"{{{', '.join([*texts[:6], '...', texts[-1]] if len(texts) > 8 else texts)}}}"


def _unreadable(mask: Content, reading: Reading) -> str:
    """Return why a mask cannot be read; empty if it can."""
    try:
        with limited(reading.max_pixels):
            read_map(mask)
    except UnreadableError as error:
        return str(error)
    return ""


def distinct(values: np.ndarray) -> list[int]:
    """Return the different values of a map of integers, ascending."""
    rest = np.asarray(values).ravel()
    seen: list[int] = []
    while len(rest) and len(seen) < FEW:
        seen.append(int(rest[0]))
        rest = rest[rest != rest[0]]
    return sorted([*seen, *np.unique(rest).tolist()])


def _grey(value: int) -> bool:
    return value >> 16 == value & 255 == value >> 8 & 255


def _name(value: int, colours: bool) -> str:
    return f"#{value:06x}" if colours else str(value)


def _ambiguous(values: Sequence[int]) -> str:
    """Return why values do not tell their classes, as the end of a sentence; empty if they do."""
    if len(values) == 1:
        return f"the single value {values[0]}; two classes or more are needed."
    if len(values) > MANY:
        return (
            f"more than {MANY} different values ({written(values)}), and classes are few: name them by "
            "--classes 0=background,1=cell; masks that were saved as JPEG or resized smoothly must be made "
            "anew, and if these folders are classes of images, say --layout folders."
        )
    rest = [value for value in values if value != UNLABELLED]
    if UNLABELLED in values and len(rest) > 1 and rest == list(range(rest[-1] + 1)):
        return (
            f"the values {written(rest)} and {UNLABELLED}, which may be a class or mean no label: say "
            f"--ignore {UNLABELLED}, or name all {len(values)} classes by --classes."
        )
    return ""


def _declared(values: Sequence[int], reading: Reading, where: str, colours: bool) -> Labels:
    """Return the classes that the caller names: each with its value, or in the order of the values."""
    left = sorted(set(values) - set(reading.ignore))
    pairs = [re.fullmatch(r"(#?[0-9a-fA-F]+)=(.+)", text) for text in reading.classes]
    if odd := [text for text, pair in zip(reading.classes, pairs, strict=True) if "=" in text and not pair]:
        raise DataError(f"`{odd[0]}` in `classes` does not begin with a value; write 7=cell or #ff0080=cell.")
    if all(pairs):
        told = [(_number(pair[1]), pair[2]) for pair in pairs if pair]
    elif len(left) <= len(reading.classes) and (not left or left[-1] < len(reading.classes)):
        told = list(enumerate(reading.classes))  # classes that no mask shows are possible
    elif len(left) == len(reading.classes):
        told = list(zip(left, reading.classes, strict=True))
    else:
        raise DataError(
            f"`classes` names {len(reading.classes)} classes, and the masks in `{where}` have "
            f"{len(left)} values, {written(left, colours)}; write value=name for each."
        )
    if len({value for value, _ in told}) < max(len(told), 2):
        raise DataError(f"`classes` (={','.join(reading.classes)}) must give two or more different values.")
    names = tuple(name for _, name in told)
    if len(set(names)) < len(names):
        raise DataError(f"`classes` (={','.join(reading.classes)}) must give each class a name of its own.")
    return Labels(names, tuple(value for value, _ in told), reading.ignore, colours)


def _number(text: str) -> int:
    """Return a value as it is written by hand: 7, or #ff0080 for a colour."""
    if not text.startswith("#") and not text.isdecimal():
        raise DataError(f"`{text}` in `classes` is not a value; write 7=cell or #ff0080=cell.")
    return int(text[1:], 16) if text.startswith("#") else int(text)
