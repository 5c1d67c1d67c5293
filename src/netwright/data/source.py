"""Where examples come from: `find` finds a data set by name, `fields` decodes it once and splits it.

    digits                        comes with scikit-learn, needs no download
    cifar10, mnist, OWNER/NAME    `$NETWRIGHT_DATA/NAME` if that folder exists, else the Hugging Face hub
    path/to/folder                one of the layouts in `netwright.data.sources`
    NAME:COLUMN                   a table where several columns could be the label

A split that the data set does not have is held out of its training images, the same in every run. Of images
with classes that is a tenth for validation and a tenth for the test, stratified; for images with masks see
`netwright.data.grouped`.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from torch import Tensor

from netwright.data import cache, digits, grouped, hub, split
from netwright.data.decode import Decoder
from netwright.data.describe import described
from netwright.data.kinds import Kind, stacked
from netwright.data.layouts import recognised
from netwright.data.maps import Maps
from netwright.data.moments import Moments, moments
from netwright.data.pages import as_pages
from netwright.data.reading import READING, Reading
from netwright.data.stored import Stored
from netwright.data.tensors import Split
from netwright.errors import DataError

LAYOUT = 3  # of the cache files; raised when decoding or splitting changes


def fields(
    name: str,
    reading: Reading = READING,
    *,
    limit: int | None = None,
    size: int | None = None,
    skip_bad: bool = False,
) -> dict[str, Any]:
    """Return the fields of `Data` for a data set; see `Data.load`.

    Raises:
        DataError: There is no data of that name, or it is empty, mixed or damaged.
    """
    for option, value in {"limit": limit, "size": size}.items():
        if value is not None and value < 1:
            raise DataError(f"`{option}` (={value}) must be positive.")
    stored = divided(find(name, reading), name, reading, limit)
    if Kind.MASK in stored.splits["train"].targets:
        splits, facts = Maps(stored, size, skip_bad, reading.max_pixels).load()
    else:
        splits, facts = _decoded(stored, size, skip_bad, reading.max_pixels)
    return {
        "name": name,
        "classes": stored.classes,
        **splits,
        **{field: tuple(facts[field]) for field in ("mean", "std", "range")},
        **{field: facts[field] for field in ("digest", "skipped")},
        "values": stored.values,
        "ignore": stored.ignore,
        "layout": described(stored, splits),
        "size": size,
    }


def find(name: str, reading: Reading = READING) -> Stored:
    """Return the stored data set of that name.

    Raises:
        DataError: There is no such data; the message says where it was looked for.
    """
    target, column = (name, "") if Path(name).is_dir() else name.partition(":")[::2]
    if not target:
        raise DataError("the data has no name; write digits, cifar10, OWNER/NAME or a folder.")
    if target == "digits":
        return digits.stored()
    local, path = _local(target), Path(target).expanduser()
    if (place := located(target)) is not None:
        return recognised(place, replace(reading, column=column or reading.column))
    if path.is_file():
        raise DataError(f"`{target}` is a file; data is a folder, an .npz file or a zarr store.")
    if target.startswith((".", "~", "/")) or target.count("/") > 1 or path.suffix == ".npz":
        raise DataError(f"there is no {'file' if path.suffix == '.npz' else 'folder'} `{target}`.")
    return hub.stored(target, column, local)


def located(name: str) -> Path | None:
    """Return the folder or the file that a name means on this machine, in `$NETWRIGHT_DATA` first."""
    for place in (_local(name), Path(name).expanduser()):
        if name and place is not None and (place.is_dir() or (place.suffix == ".npz" and place.is_file())):
            return place
    return None


def divided(stored: Stored, name: str, reading: Reading = READING, limit: int | None = None) -> Stored:
    """Return a data set with all three splits: those it lacks are held out of its training images.

    `limit` leaves that many training examples.

    Raises:
        DataError: There are too few examples.
    """
    if Kind.MASK in stored.splits["train"].targets:
        return _with_masks(stored, reading, limit, name)
    for option, value in {"group": reading.group, "dims": reading.dims, "ignore": reading.ignore}.items():
        if value:
            raise DataError(f"`{option}` (={value}) is for images with masks, and `{name}` has classes.")
    return _with_classes(stored, limit, name)


def _local(name: str) -> Path | None:
    root = os.environ.get("NETWRIGHT_DATA")
    return Path(root) / name if root and not name.startswith((".", "~", "/")) else None


def _with_classes(stored: Stored, limit: int | None, name: str) -> Stored:
    splits = split.complete(stored.splits, stored.held_out, name)
    if limit is not None and limit < len(splits["train"]):
        splits = split.reduce(splits, limit, name)
    return replace(stored, splits=splits)


def _with_masks(stored: Stored, reading: Reading, limit: int | None, name: str) -> Stored:
    """Return all three splits, of images or of volumes as the caller wants them."""
    given: Mapping[str, Any] = stored.splits
    if reading.dims == 2:
        given = {part: as_pages(one) for part, one in given.items()}
    splits = grouped.complete(given, name)
    if reading.dims == 3:
        splits = {part: grouped.as_volumes(one) for part, one in splits.items()}
    if limit is not None and limit < len(splits["train"]):
        splits = grouped.reduce(splits, limit)
    return replace(stored, splits=splits)


def _decoded(
    stored: Stored, size: int | None, skip_bad: bool, max_pixels: int | None
) -> tuple[dict[str, Split], dict[str, Any]]:
    tensors, facts = _tensors(stored, size, skip_bad, max_pixels)
    splits = {
        name: Split(
            tensors[f"{name}.inputs"],
            {Kind.CLASS: tensors[f"{name}.targets"]},
            # which images were left out is not kept in the cache
            places=() if facts["skipped"] else part.places(),
        )
        for name, part in stored.splits.items()
    }
    return splits, facts


def _tensors(
    stored: Stored, size: int | None, skip_bad: bool, max_pixels: int | None
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    text = f"{LAYOUT} {Stored(stored.classes, stored.splits).digest()} {size} {skip_bad} {max_pixels}"
    key = sha256(text.encode()).hexdigest()
    if cached := cache.read(key):
        return cached
    decoder = Decoder(size=size, skip_bad=skip_bad, max_pixels=max_pixels)
    tensors: dict[str, Tensor] = {}
    for name, part in stored.splits.items():
        decoded = decoder.decode(part, name)
        tensors |= {f"{name}.inputs": stacked(decoded.inputs)}
        tensors |= {f"{name}.targets": stacked(decoded.targets[Kind.CLASS])}
    digest = sha256(f"{stored.classes} {cache.digest(sorted(tensors.items()))}".encode()).hexdigest()
    facts = {"digest": digest, "skipped": decoder.skipped, **scale(tensors["train.inputs"])}
    cache.write(key, tensors, facts)
    return tensors, facts


def scale(inputs: Tensor) -> dict[str, Any]:
    """Return mean, std and range of training inputs [n, c, *space] in memory."""
    if inputs.dtype.itemsize == 1 and not inputs.dtype.is_signed:
        mean, std = moments(inputs)
        return {"mean": mean, "std": std, "range": (0.0, 255.0)}
    collected = Moments()
    for one in inputs:
        collected.add(one.numpy())
    mean, std = collected.values()
    return {"mean": mean, "std": std, "range": collected.range()}
