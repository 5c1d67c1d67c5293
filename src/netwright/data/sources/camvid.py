"""CamVid as SegNet distributes it: `train/` with `trainannot/`, and the same for `val` and `test`.

Value 11 means no label there (the "void" of Brostow 2009), so it is ignored.
"""

from pathlib import Path

from netwright.data.labels import labels, named, values_of
from netwright.data.naming import stem
from netwright.data.pairing import all_masks, files_split, keyed, paired, readable, stored_masks
from netwright.data.reading import Reading
from netwright.data.stored import SPLITS, Stored

TASKS = ("segmentation",)
CLASSES = (
    "sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "bicyclist",
)  # fmt: skip
VOID = 11


def matches(path: Path) -> str:
    """Return why a folder is not laid out as CamVid; empty if it is."""
    for name in ("train", "trainannot"):
        if not (path / name).is_dir():
            return f"it has no folder {name}"
    return ""


def stored(path: Path, reading: Reading) -> Stored:
    """Return the splits whose images have masks.

    The classes are those of CamVid where the masks hold nothing else, else the values that they hold.

    Raises:
        DataError: An image has no mask or the reverse.
    """
    splits = {}
    for folder in sorted(path.iterdir()):
        name = SPLITS.get(folder.name)
        annotated = path / f"{folder.name}annot"
        if name and annotated.is_dir():
            images, masks = (
                keyed(files, [stem(file) for file in files])
                for files in (readable(folder), readable(annotated))
            )
            splits[name] = files_split(paired(images, masks, str(path)), path, reading)
    masks_of_all = all_masks(splits)
    values, _ = values_of(masks_of_all, reading)
    if set(values) <= set(range(VOID + 1)) and not reading.classes and max(values, default=0) > 3:
        classes = named(CLASSES, range(VOID), reading, (VOID,))
    else:
        classes = labels(masks_of_all, reading, str(path))
    return stored_masks(splits, classes)
