"""Cityscapes: `leftImg8bit/train/CITY/*_leftImg8bit.png` with `gtFine/train/CITY/*_gtFine_labelIds.png`.

Cordts 2016. Of the 34 ids the official table (`cityscapesScripts`, labels.py) trains on 19 and ignores the
rest. The labels of the test split are withheld: its files hold no classes, so it is left out.
"""

from pathlib import Path

from netwright.data.labels import named
from netwright.data.naming import groups
from netwright.data.pairing import keyed, paired, readable, split_of, stored_masks
from netwright.data.reading import Reading
from netwright.data.stored import SPLITS, Stored
from netwright.errors import DataError

TASKS = ("segmentation",)
IDS = {
    7: "road", 8: "sidewalk", 11: "building", 12: "wall", 13: "fence", 17: "pole", 19: "traffic light",
    20: "traffic sign", 21: "vegetation", 22: "terrain", 23: "sky", 24: "person", 25: "rider", 26: "car",
    27: "truck", 28: "bus", 31: "train", 32: "motorcycle", 33: "bicycle",
}  # fmt: skip
IGNORED = tuple(sorted({*range(34), 255} - set(IDS)))  # 255 stands for the id -1, the licence plate
IMAGE, MASK = "_leftImg8bit", "_gtFine_labelIds"


def matches(path: Path) -> str:
    """Return why a folder is not laid out as Cityscapes; empty if it is."""
    for name in ("leftImg8bit", "gtFine"):
        if not (path / name / "train").is_dir():
            return f"it has no folder {name}/train"
    return ""


def stored(path: Path, reading: Reading) -> Stored:
    """Return the splits; the images of one city belong together.

    Raises:
        DataError: An image has no mask or the reverse.
    """
    splits = {}
    for folder in sorted((path / "leftImg8bit").iterdir()):
        name = SPLITS.get(folder.name)
        if name not in ("train", "valid"):
            continue
        masks = [file for file in readable(path / "gtFine" / folder.name) if file.stem.endswith(MASK)]
        images = [file for file in readable(folder) if file.stem.endswith(IMAGE)]
        pairs = paired(_keys(images, IMAGE), _keys(masks, MASK), str(path))
        files = [image for image, _ in pairs]
        cities = groups(files, path, reading, [image.parent.name for image in files])
        splits[name] = split_of(files, [mask for _, mask in pairs], [*map(str, files)], cities)
    if not splits.get("train"):
        raise DataError(f"`{path / 'leftImg8bit' / 'train'}` has no files *{IMAGE}.png.")
    return stored_masks(splits, named(tuple(IDS.values()), tuple(IDS), reading, IGNORED))


def _keys(files: list[Path], ending: str) -> dict[str, Path]:
    return keyed(files, [f"{file.parent.name}/{file.stem.removesuffix(ending)}" for file in files])
