"""The survey of a data set by its name: what its source says, else what the names of its files say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netwright.data.kinds import Kind
from netwright.data.source import find
from netwright.data.split import complete
from netwright.data.stored import Stored, StoredSplit
from netwright.lint.survey.origin import Files
from netwright.lint.survey.survey import Survey, Through, passed, quiet
from netwright.lint.survey.tree import Pairing, pairings


@dataclass(frozen=True, eq=False)
class Opened:
    """A survey, and why the data cannot be trained on as they are (empty: they can)."""

    survey: Survey
    refusal: str = ""


def survey(name: str, through: Through = quiet, *, augment: Sequence[Any] | None = None) -> Opened:
    """Read every example of a data set once.

    Data that their source refuses are surveyed as far as the names of the files tell images and masks.

    Args:
        name: What `nw.train` takes: digits, cifar10, OWNER/NAME, a folder.
        through: A function that yields items while it shows how far the pass is.
        augment: The augmentations that are meant; None if there is no recipe.

    Raises:
        DataError: There is no such data, or their source refuses them and the names tell nothing either.
    """
    folder = Path(name).expanduser()
    paired = tuple(pairings(folder)) if folder.is_dir() else ()
    stored = _by_names(paired) if paired else find(name)
    splits = stored.splits if paired else complete(stored.splits, stored.held_out, name)
    origins = {
        part: Files(splits[part], str(folder)) for part in ("train", "valid", "test") if part in splits
    }
    parts = passed(str(folder), origins, through)
    layout = stored.layout or _understood(stored, parts)
    known = (stored.classes, stored.values, stored.ignore)
    return Opened(Survey(str(folder), parts, *known, layout, bool(stored.classes), augment, pairings=paired))


def _by_names(paired: Sequence[Pairing]) -> Stored:
    """Return what the names of files pair, without classes."""
    pairs: dict[str, list[tuple[Path, Path]]] = {}
    for pairing in paired:
        pairs.setdefault(pairing.split, []).extend(pairing.pairs)
    return Stored(
        (),
        {
            name: _split([image for image, _ in both], [mask for _, mask in both])
            for name, both in pairs.items()
        },
    )


def _split(images: list[Path], masks: list[Path]) -> StoredSplit:
    return StoredSplit(images, {Kind.MASK: masks}, lambda k: f"`{images[k]}`")


def _understood(stored: Stored, parts: Mapping[str, Any]) -> str:
    """Return what was understood of data whose source does not say it."""
    numbers = ", ".join(f"{len(part):,} {name}" for name, part in parts.items())
    classes = f" → {len(stored.classes)} classes" if stored.classes else ""
    return f"{sum(map(len, parts.values())):,} images ({numbers}){classes}"
