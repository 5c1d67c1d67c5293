"""Stacks: one file of many images, and one of their labels.

    train-volume.tif  with  train-labels.tif      (and the same for other splits)
    images.npy        with  masks.npy
    cells.npz, cells.zarr                         arrays `images` and `labels`, `train_images` and ...

Every page is an image; with `dims=3` those of one file are a volume. Labels with one value for an image are
its class.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netwright.arithmetic.shape import show
from netwright.data.kinds import Kind
from netwright.data.labels import labels
from netwright.data.naming import groups, natural, stem
from netwright.data.pairing import all_masks, split_of, stored_masks
from netwright.data.read import array_shape, array_values, suffix
from netwright.data.readers import array, tiff, zarr
from netwright.data.readers.opened import channel_axis
from netwright.data.reading import Reading
from netwright.data.stored import SPLITS, Page, Stored, StoredSplit
from netwright.errors import DataError, UnreadableError

TASKS = ("segmentation", "classification")
IMAGES = frozenset({"image", "images", "volume", "volumes", "img", "imgs", "raw", "x", "data"})
MASKS = frozenset({"label", "labels", "mask", "masks", "segmentation", "seg", "gt", "y", "target", "targets"})
SUFFIXES = (*tiff.SUFFIXES, ".npy", *zarr.SUFFIXES)


@dataclass(frozen=True)
class Array:
    """An array in a file: the path of the file, and the name in files that hold several."""

    path: Path
    key: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.key}" if self.key else str(self.path)


def matches(path: Path) -> str:
    """Return why there are no stacks here; empty if there are."""
    try:
        sides = _sides(path)
    except UnreadableError as error:
        return str(error)
    if not any({"images", "masks"} <= set(arrays) for arrays in sides.values()):
        return "it has no two arrays with names such as train-volume and train-labels, or images and labels"
    return ""


def stored(path: Path, reading: Reading) -> Stored:
    """Return the pages of the stacks that have labels.

    Raises:
        DataError: A stack and its labels have different numbers of pages, or a file is damaged.
    """
    splits: dict[str, StoredSplit] = {}
    for (name, _), arrays in sorted(_sides(path).items(), key=lambda item: natural(item[0][1])):
        if {"images", "masks"} <= set(arrays):
            try:
                part = _pages(arrays["images"], arrays["masks"], path, reading)
            except UnreadableError as error:
                raise DataError(f"a stack in `{path}` cannot be read: {error}.") from error
            split = name or "train"
            splits[split] = _joined(splits[split], part) if split in splits else part
    if "train" not in splits:
        raise DataError(f"`{path}` has labels for {', '.join(splits)} only; there is nothing to train on.")
    if Kind.CLASS in splits["train"].targets:
        return _classes(splits, reading, path)
    return stored_masks(splits, labels(all_masks(splits), reading, str(path)))


def _sides(path: Path) -> Mapping[tuple[str, str], dict[str, Array]]:
    """Return the arrays by split and by the rest of their names."""
    sides: dict[tuple[str, str], dict[str, Array]] = {}
    for array_file in _arrays(path):
        words = re.split(r"[^a-z0-9]+", (array_file.key or stem(array_file.path)).lower())
        roles = ["images" if word in IMAGES else "masks" for word in words if word in IMAGES | MASKS]
        if len(set(roles)) == 1:
            split = next((SPLITS[word] for word in words if word in SPLITS), "")
            rest = " ".join(word for word in words if word not in IMAGES | MASKS and word not in SPLITS)
            sides.setdefault((split, rest), {})[roles[0]] = array_file
    return sides


def _arrays(path: Path) -> list[Array]:
    """Return every array in a folder, or in a file or a store that holds several."""
    if path.suffix == ".npz" and path.is_file():
        return [Array(path, key) for key in array.names(path)]
    if path.suffix in zarr.SUFFIXES or any((path / name).is_file() for name in ("zarr.json", ".zgroup")):
        return [Array(path, key) for key in zarr.names(path)]
    if not path.is_dir():
        return []
    files = sorted(file for file in path.iterdir() if not file.name.startswith("."))
    alone = [Array(file) for file in files if suffix(file) in SUFFIXES]
    within = [file for file in files if suffix(file) == ".npz"]
    return [*alone, *(_arrays(within[0]) if len(within) == 1 and not alone else [])]


def _pages(images: Array, masks: Array, root: Path, reading: Reading) -> StoredSplit:
    """Return the pages of a stack with their labels."""
    shape, labelled = array_shape(images.path, images.key), array_shape(masks.path, masks.key)
    if not labelled or shape[:1] != labelled[:1]:
        raise DataError(
            f"`{images}` is {show(shape)} and `{masks}` is {show(labelled)}; they must agree in length."
        )
    axis = None if len(shape) == len(labelled) else _channels(shape[1:], labelled[1:])
    count = range(shape[0])
    pages = [Page(images.path, k, images.key, axis) for k in count]
    places = [f"page {k} of {images}" for k in count]
    if int(np.prod(labelled[1:])) == 1:
        return StoredSplit(pages, {Kind.CLASS: _integers(masks)}, lambda k: f"`{places[k]}`")
    belong = groups(
        [images.path / images.key / str(k) for k in count], root, reading, [str(images)] * len(pages)
    )
    return split_of(pages, [Page(masks.path, k, masks.key) for k in count], places, belong)


def _channels(image: tuple[int, ...], mask: tuple[int, ...]) -> int | None:
    """Return the axis of an image that its mask does not have."""
    extra = [axis for axis in range(len(image)) if image[:axis] + image[axis + 1 :] == mask]
    return extra[-1] if extra else channel_axis(image)


def _integers(masks: Array) -> list[int]:
    values = array_values(masks.path, masks.key).reshape(-1)
    if values.dtype.kind not in "iu":
        raise DataError(f"`{masks}` holds {values.dtype}; classes are integers.")
    return values.tolist()


def _classes(splits: Mapping[str, StoredSplit], reading: Reading, path: Path) -> Stored:
    seen = sorted({target for split in splits.values() for target in split.targets[Kind.CLASS]})
    if seen[0] < 0 or (reading.classes and len(reading.classes) <= seen[-1]):
        label = seen[0] if seen[0] < 0 else seen[-1]
        classes = f"the {len(reading.classes)} names of --classes are for 0..{len(reading.classes) - 1}"
        raise DataError(
            f"`{path}` has the label {label}, which is not a class; "
            f"{classes if reading.classes else 'classes are numbered from 0 on'}."
        )
    names = reading.classes or tuple(str(k) for k in range(seen[-1] + 1))
    return Stored(names, splits)


def _joined(one: StoredSplit, other: StoredSplit) -> StoredSplit:
    size = len(one)
    return StoredSplit(
        [*one.images, *other.images],
        {kind: [*values, *other.targets[kind]] for kind, values in one.targets.items()},
        lambda k: one.place(k) if k < size else other.place(k - size),
        [*one.groups, *other.groups],
    )
