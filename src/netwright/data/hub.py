"""Data sets of the Hugging Face hub, through the `datasets` library and its own cache."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netwright.data import table
from netwright.data.stored import SPLITS, Stored, StoredSplit
from netwright.errors import DataError

NAMES = {
    "cifar10": "uoft-cs/cifar10",
    "cifar100": "uoft-cs/cifar100",
    "mnist": "ylecun/mnist",
    "fashion_mnist": "zalando-datasets/fashion_mnist",
}
"""Short names of well-known data sets."""


def stored(name: str, column: str = "", local: Path | None = None) -> Stored:
    """Download a data set, or take it from the cache of the library.

    `local` is where a copy on this machine was looked for; the messages name it.

    Raises:
        DataError: The hub cannot be reached or has no such set, or the set lacks an image or label column.
    """
    import datasets  # slow to import, and needed for the hub alone

    hub_name = NAMES.get(name, name)
    try:
        parts = datasets.load_dataset(hub_name)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        place = f"`{local}`" if local else f"`$NETWRIGHT_DATA/{name}` (the variable is not set)"
        raise DataError(
            f"there is no data set `{name}`: no folder has that name here or at {place}, "
            f"and `{hub_name}` cannot be loaded from the hub: {str(error).rstrip('.')}."
        ) from error
    return _stored(parts, name, column)


def _stored(given: Mapping[str, Any], name: str, column: str) -> Stored:
    parts = {SPLITS[split]: part for split, part in given.items() if split in SPLITS}
    if "train" not in parts:
        raise DataError(f"`{name}` has no train split; it has {', '.join(given)}.")
    features = parts["train"].features.to_dict()
    image, label = table.columns(features, column, name)
    classes = tuple(features[label]["names"])
    splits: dict[str, StoredSplit] = {}
    for split, part in parts.items():
        rows = part.select_columns([image, label]).with_format("arrow")[:]
        place = f"row {{}} of the {split} split of `{name}`".format
        if (one := table.split(rows, image, label, len(classes), place)) is not None:
            splits[split] = one
    if "train" not in splits:
        raise DataError(f"no row of the train split of `{name}` has a label.")
    return Stored(classes, splits)
