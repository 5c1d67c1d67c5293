"""PASCAL VOC: `JPEGImages/`, `SegmentationClass/` with a palette, `ImageSets/Segmentation/train.txt`.

Everingham 2010. 255 marks the borders of objects and is ignored by definition.
"""

from pathlib import Path

from netwright.data.labels import named
from netwright.data.naming import groups, stem
from netwright.data.pairing import keyed, paired, readable, split_of, stored_masks
from netwright.data.reading import Reading
from netwright.data.stored import SPLITS, Stored, StoredSplit
from netwright.errors import DataError

TASKS = ("segmentation",)
CLASSES = (
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train",
    "tvmonitor",
)  # fmt: skip
BORDER = 255


def matches(path: Path) -> str:
    """Return why a folder is not laid out as PASCAL VOC; empty if it is."""
    for name in ("JPEGImages", "SegmentationClass"):
        if not (path / name).is_dir():
            return f"it has no folder {name}"
    return ""


def stored(path: Path, reading: Reading) -> Stored:
    """Return the splits that `ImageSets/Segmentation` lists, or all masks where there are no lists.

    Raises:
        DataError: A list names an image that is not there, or a mask has no image.
    """
    images, masks = (
        keyed(files, [stem(file) for file in files])
        for files in (readable(path / "JPEGImages"), readable(path / "SegmentationClass"))
    )
    lists = {
        SPLITS[file.stem]: file
        for file in (path / "ImageSets" / "Segmentation").glob("*.txt")
        if file.stem in SPLITS
    }
    names = {split: _listed(file, masks) for split, file in lists.items()}
    if "train" not in names:
        names = {"train": list(masks)}
    splits = {
        split: _split(path, listed, images, masks, reading) for split, listed in names.items() if listed
    }
    return stored_masks(splits, named(CLASSES, range(len(CLASSES)), reading, (BORDER,)))


def _split(
    path: Path, names: list[str], images: dict[str, Path], masks: dict[str, Path], reading: Reading
) -> StoredSplit:
    """Return the photographs of those names, which are independent of each other."""
    pairs = paired({k: images[k] for k in names if k in images}, {k: masks[k] for k in names}, str(path))
    files = [image for image, _ in pairs]
    return split_of(files, [mask for _, mask in pairs], [*map(str, files)], groups(files, path, reading, ()))


def _listed(file: Path, masks: dict[str, Path]) -> list[str]:
    """Return the names in a list that have a mask; a list of the withheld test images has none."""
    try:
        names = file.read_text("utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"`{file}` cannot be read: {error}.") from error
    lost = [name for name in names if name not in masks]
    if lost and len(lost) < len(names):
        raise DataError(f"`{file}` names {lost[0]} (and {len(lost) - 1} more), of which there is no mask.")
    return [] if lost else names
