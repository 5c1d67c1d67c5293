"""Images and their masks, found by their names, as a stored data set."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from netwright.data.kinds import Kind
from netwright.data.labels import Labels
from netwright.data.naming import groups, natural
from netwright.data.read import SUFFIXES, suffix
from netwright.data.reading import Reading
from netwright.data.stored import Content, Stored, StoredSplit
from netwright.data.walk import walk
from netwright.errors import DataError

Files = Mapping[str, Path]
"""Files by the key that an image and its mask have in common."""


def readable(folder: Path, *, deep: bool = True) -> list[Path]:
    """Return the files in a folder that can be read, in the order of the numbers in their names."""
    paths = walk(folder) if deep else folder.glob("*")
    inside = [path for path in paths if suffix(path) in SUFFIXES]
    shown = [path for path in inside if not any(p.startswith(".") for p in path.relative_to(folder).parts)]
    return sorted(shown, key=lambda path: natural(path.relative_to(folder).as_posix()))


def keyed(paths: Sequence[Path], keys: Sequence[str]) -> dict[str, Path]:
    """Return files by their keys.

    Raises:
        DataError: Two files have one key.
    """
    files: dict[str, Path] = {}
    for path, key in zip(paths, keys, strict=True):
        if key in files:
            raise DataError(
                f"`{files[key]}` and `{path}` belong to the same example, `{key}`; keep one of them."
            )
        files[key] = path
    return files


def paired(images: Files, masks: Files, where: str) -> list[tuple[Path, Path]]:
    """Return the images with their masks, in the order of the images.

    Raises:
        DataError: An image has no mask, or the reverse.
    """
    for ours, theirs, what, other in ((images, masks, "image", "mask"), (masks, images, "mask", "image")):
        lost = [path for key, path in ours.items() if key not in theirs]
        if lost:
            more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
            raise DataError(
                f"the {what} `{lost[0]}`{more} in `{where}` has no {other}; add it or remove the {what}."
            )
    return [(path, masks[key]) for key, path in images.items()]


def split_of(
    images: Sequence[Content], masks: Sequence[Content], names: Sequence[str], belong: Sequence[str] = ()
) -> StoredSplit:
    """Return one split; `names` are the places of the images, and `belong` their groups."""
    return StoredSplit(images, {Kind.MASK: masks}, lambda k: f"`{names[k]}`", belong)


def files_split(pairs: Sequence[tuple[Path, Path]], root: Path, reading: Reading) -> StoredSplit:
    """Return one split of files, grouped by their names."""
    images, masks = [image for image, _ in pairs], [mask for _, mask in pairs]
    return split_of(images, masks, [str(image) for image in images], groups(images, root, reading))


def stored_masks(splits: Mapping[str, StoredSplit], labels: Labels) -> Stored:
    """Return the whole data set."""
    return Stored(
        labels.classes,
        splits,
        values=labels.values,
        ignore=labels.ignore,
        colours=labels.colours,
    )


def all_masks(splits: Mapping[str, StoredSplit]) -> list[Content]:
    """Return the masks of every split."""
    return [mask for split in splits.values() for mask in split.targets[Kind.MASK]]
