"""The survey of a data set by its name: what its source says, else what the names of its files say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from netwright.data.describe import sentence
from netwright.data.kinds import Kind
from netwright.data.labels import written
from netwright.data.reading import READING, Reading
from netwright.data.source import divided, find, located
from netwright.data.stored import Stored, StoredSplit
from netwright.errors import DataError
from netwright.lint.survey.origin import Files
from netwright.lint.survey.part import Part
from netwright.lint.survey.survey import Survey, Through, passed, quiet
from netwright.lint.survey.tree import Pairing, pairings


@dataclass(frozen=True, eq=False)
class Opened:
    """A survey, and why the data cannot be trained on as they are (empty: they can)."""

    survey: Survey
    refusal: str = ""


def survey(
    name: str,
    reading: Reading = READING,
    through: Through = quiet,
    *,
    augment: Sequence[Any] | None = None,
) -> Opened:
    """Read every example of a data set once.

    Data that their source refuses are surveyed as far as the names of the files tell images and masks.

    Args:
        name: What `nw.train` takes: digits, cifar10, OWNER/NAME, a folder.
        reading: How the files are to be read, where they leave that open.
        through: A function that yields items while it shows how far the pass is.
        augment: The augmentations that are meant; None if there is no recipe.

    Raises:
        DataError: There is no such data, or their source refuses them and the names tell nothing either.
    """
    root = located(name)
    paired = tuple(pairings(root)) if root is not None else ()
    stored, refusal = _stored(name, reading, paired)
    folder = str(root or name)
    splits = {part: stored.splits[part] for part in ("train", "valid", "test") if part in stored.splits}
    origins = {part: Files(split, folder, stored.colours) for part, split in splits.items()}
    parts = passed(folder, origins, through, reading.max_pixels)
    made = Survey(
        folder,
        parts,
        stored.classes,
        stored.values,
        stored.ignore or reading.ignore,
        named=_named(stored),
        augment=augment,
        pairings=paired,
        layout="" if refusal else _layout(stored, parts),
    )
    return Opened(replace(made, layout=_refused(made)) if refusal else made, refusal)


def _stored(name: str, reading: Reading, paired: Sequence[Pairing]) -> tuple[Stored, str]:
    """Return the data set in its splits, and why its source refuses it."""
    try:
        stored = find(name, reading)
    except DataError as error:
        if not any(pairing.pairs for pairing in paired):
            raise
        return _by_names(paired), str(error)
    try:
        return divided(stored, name, reading), ""
    except DataError as error:
        return stored, str(error)


def _by_names(paired: Sequence[Pairing]) -> Stored:
    """Return what the names of files pair, without classes."""
    return Stored((), {pairing.split: _split(pairing.pairs) for pairing in paired if pairing.pairs})


def _split(pairs: Sequence[tuple[Path, Path]]) -> StoredSplit:
    images, masks = [image for image, _ in pairs], [mask for _, mask in pairs]
    return StoredSplit(images, {Kind.MASK: masks}, lambda k: f"`{images[k]}`")


def _named(stored: Stored) -> bool:
    """Return whether the classes have names of their own, other than their values."""
    values = stored.values or range(len(stored.classes))
    return any(
        name not in (str(value), f"#{value:06x}") for name, value in zip(stored.classes, values, strict=True)
    )


def _refused(made: Survey) -> str:
    """Return what was understood of data that their source refuses."""
    number = sum(map(len, made.parts.values()))
    values = f", values {written(made.mask_values.counts)}" if made.mask_values.counts else ""
    return f"{number:,} {'pairs by the names of their files' if made.masked else 'images'}{values}"


def _layout(stored: Stored, parts: Mapping[str, Part]) -> str:
    """Return what was understood, in the words that a training uses."""
    examples = [example for part in parts.values() for example in part.examples if example.shape]
    if not examples:
        return f"{sum(map(len, parts.values())):,} images, none of which can be read"
    sizes = {name: len(part) for name, part in parts.items()}
    shapes, types = {each.shape for each in examples}, {each.kind for each in examples}
    return sentence(stored, sizes, shapes, types, masks=any(part.origin.masked for part in parts.values()))
