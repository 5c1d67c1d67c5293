"""Where examples come from: `load` finds a data set by name, decodes it once and splits it.

    digits                        comes with scikit-learn, needs no download
    cifar10, mnist, OWNER/NAME    `$NETWRIGHT_DATA/NAME` if that folder exists, else the Hugging Face hub
    path/to/folder                parquet files in the layout of the hub, or one folder of images per class
    NAME:COLUMN                   the same, where several columns could be the label

A split that the data set does not have is held out of its training images, stratified and the same in every
run: a tenth for validation, a tenth for the test.
"""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from torch import Tensor

from netwright.data import cache, digits, folder, hub, parquet
from netwright.data.decode import Decoder
from netwright.data.examples import Data, Split, moments
from netwright.data.kinds import Kind, stacked
from netwright.data.split import complete, reduce
from netwright.data.stored import Stored
from netwright.errors import DataError

__all__ = ["Data", "Split", "load"]

LAYOUT = 1  # of the cache files; raised when decoding or splitting changes


def load(name: str, *, limit: int | None = None, size: int | None = None, skip_bad: bool = False) -> Data:
    """Load a data set as uint8 tensors in three splits.

    Args:
        name: See the docstring of this module.
        limit: Train on a stratified part of this many images; validation and test shrink in proportion.
        size: Resize the shorter side to this and crop the centre.
        skip_bad: Leave out and count images that cannot be read.

    Raises:
        DataError: There is no data of that name, or it is empty, mixed or damaged.
    """
    for option, value in {"limit": limit, "size": size}.items():
        if value is not None and value < 1:
            raise DataError(f"`{option}` (={value}) must be positive.")
    stored = find(name)
    splits = complete(stored.splits, stored.held_out, name)
    if limit is not None and limit < len(splits["train"]):
        splits = reduce(splits, limit, name)
    tensors, facts = _decoded(Stored(stored.classes, splits), size, skip_bad)
    decoded = {
        split: Split(tensors[f"{split}.inputs"], {Kind.CLASS: tensors[f"{split}.targets"]})
        for split in splits
    }
    mean, std = (tuple(facts[moment]) for moment in ("mean", "std"))
    return Data(
        name,
        stored.classes,
        decoded["train"],
        decoded["valid"],
        decoded["test"],
        mean,
        std,
        facts["digest"],
        facts["skipped"],
    )


def find(name: str) -> Stored:
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
    for place in (local, path):
        if place is not None and place.is_dir():
            return _folder(place, column)
    if path.is_file():
        raise DataError(f"`{target}` is a file; data is a folder of parquet files or of class folders.")
    if target.startswith((".", "~", "/")) or target.count("/") > 1:
        raise DataError(f"there is no folder `{target}`.")
    return hub.stored(target, column, local)


def _folder(place: Path, column: str) -> Stored:
    try:
        return parquet.stored(place, column) if parquet.within(place) else folder.stored(place)
    except OSError as error:
        raise DataError(f"`{place}` cannot be read: {error}.") from error


def _local(name: str) -> Path | None:
    root = os.environ.get("NETWRIGHT_DATA")
    return Path(root) / name if root and not name.startswith((".", "~", "/")) else None


def _decoded(stored: Stored, size: int | None, skip_bad: bool) -> tuple[dict[str, Tensor], dict[str, Any]]:
    key = sha256(f"{LAYOUT} {stored.digest()} {size} {skip_bad}".encode()).hexdigest()
    if cached := cache.read(key):
        return cached
    decoder = Decoder(size=size, skip_bad=skip_bad)
    tensors: dict[str, Tensor] = {}
    for name, split in stored.splits.items():
        decoded = decoder.decode(split, name)
        tensors |= {f"{name}.inputs": stacked(decoded.inputs)}
        tensors |= {f"{name}.targets": stacked(decoded.targets[Kind.CLASS])}
    mean, std = moments(tensors["train.inputs"])
    digest = sha256(f"{stored.classes} {cache.digest(sorted(tensors.items()))}".encode()).hexdigest()
    facts = {"mean": mean, "std": std, "digest": digest, "skipped": decoder.skipped}
    cache.write(key, tensors, facts)
    return tensors, facts
