"""Images and masks that belong together by their names.

    images/x.png      with   masks/x.png              (or labels, annotations, ...)
    imgs/x.jpg        with   masks/x_mask.gif         (a suffix for the kind)
    x.tif             with   x_masks.tif              (in one folder)
    train/images/x    with   train/masks/x            (splits outside)
    images/train/x    with   labels/train/x           (splits inside)
    train/x.jpg       with   train_masks/x_mask.gif

Names of splits and kinds are known in any case, and other folders are part of the name of an example.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from netwright.data.labels import labels
from netwright.data.naming import stem
from netwright.data.pairing import all_masks, files_split, keyed, paired, readable, stored_masks
from netwright.data.reading import Reading
from netwright.data.stored import SPLITS, Stored
from netwright.data.walk import walk
from netwright.errors import DataError

TASKS = ("segmentation",)
NAMES = SPLITS | {"training": "train", "testing": "test"}
IMAGES = frozenset({"image", "images", "img", "imgs", "input", "inputs"})
MASKS = frozenset(
    {"mask", "masks", "label", "labels", "annotation", "annotations", "gt", "groundtruth", "segmentation"}
    | {"segmentations", "seg", "target", "targets"}
)
AFFIX = "|".join(sorted(IMAGES | MASKS, key=len, reverse=True))


@dataclass(frozen=True)
class File:
    """A file, the split it is in (empty: none), whether it is a mask, and the key of its example."""

    path: Path
    split: str
    mask: bool
    key: str


def matches(path: Path) -> str:
    """Return why a folder does not hold images with masks by name; empty if it does."""
    if not path.is_dir():
        return "it is a file"
    known = files(path)
    images = {file.key for file in known if not file.mask}
    masks = {file.key for file in known if file.mask}
    if not masks:
        return "it has no masks: no folder called masks, labels or annotations, no files NAME_mask"
    if not images:
        return "it has masks but no images: no folder called images or imgs"
    if 2 * len(images & masks) < min(len(images), len(masks)):
        return "its masks do not have the names of its images"
    return ""


def stored(path: Path, reading: Reading) -> Stored:
    """Return the pairs of each split; a split without any mask is left out.

    Raises:
        DataError: An image has no mask or the reverse, or the values of the masks do not tell the classes.
    """
    known = files(path)
    labelled = {file.split for file in known if file.mask}
    splits = {}
    for name in sorted(labelled):
        sides = [[file for file in known if file.split == name and file.mask == mask] for mask in (0, 1)]
        images, masks = (keyed([f.path for f in side], [f.key for f in side]) for side in sides)
        pairs = paired(images, masks, str(path))
        splits[name or "train"] = files_split(pairs, path, reading)
    if "train" not in splits:
        raise DataError(f"`{path}` has masks for {', '.join(splits)} only; there is nothing to train on.")
    return stored_masks(splits, labels(all_masks(splits), reading, str(path)))


def files(root: Path) -> list[File]:
    """Return every image and mask; where folders are called after a kind, others are left out."""
    if not _mentions_masks(root):  # nothing in a large folder of classes needs to be looked at closer
        return []
    paths = readable(root)
    parsed = [_parsed(path, path.relative_to(root)) for path in paths]
    told = {mask for _, mask, _ in parsed if mask is not None}
    if True not in told:
        return []
    kept = [
        File(path, split, bool(mask), key)
        for path, (split, mask, key) in zip(paths, parsed, strict=True)
        if mask is not None or False not in told
    ]
    return _by_name(kept)


def _mentions_masks(root: Path) -> bool:
    """Return whether the name of any folder or file has a word for masks in it."""
    word = re.compile("|".join(MASKS), re.IGNORECASE)
    return any(word.search(path.name) for path in walk(root))


def _by_name(files: list[File]) -> list[File]:
    """Return the files with the last part of their keys, where only that is common to images and masks."""
    common = {file.key for file in files if file.mask} & {file.key for file in files if not file.mask}
    if common:
        return files
    short = [File(file.path, file.split, file.mask, file.key.rpartition("/")[2]) for file in files]
    counts = Counter((file.split, file.mask, file.key) for file in short)
    return short if max(counts.values()) == 1 else files


def _parsed(path: Path, inside: Path) -> tuple[str, bool | None, str]:
    """Return the split, whether it is a mask (None: nothing says so), and the key of a file."""
    split, mask, rest = "", None, []
    for part in inside.parts[:-1]:
        words = re.split(r"[^a-z0-9]+", part.lower())
        if not all(word in IMAGES | MASKS or word in NAMES for word in words):
            rest.append(part)
            continue
        split = next((NAMES[word] for word in words if word in NAMES), split)
        if kinds := [word in MASKS for word in words if word not in NAMES]:
            mask = kinds[-1]
    name = stem(path)
    affix = re.fullmatch(rf"(?i)(.+)[ _.-]({AFFIX})|({AFFIX})[ _.-](.+)", name)
    if affix:
        name = affix[1] or affix[4]
        if mask is None:
            mask = (affix[2] or affix[3]).lower() in MASKS
    return split, mask, "/".join([*rest, name])
