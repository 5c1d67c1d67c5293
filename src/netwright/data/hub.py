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
"""Short names of data sets that everyone knows."""


def stored(name: str, column: str = "", local: Path | None = None) -> Stored:
    """Fetch a data set, or take it from the library's cache.

    `local` is where a copy on this machine was looked for, for the messages.

    Raises:
        DataError: the hub cannot be reached, has no such set, or the set has no image and label column.
    """
    import datasets  # slow to import, and only the hub needs it

    hub_name = NAMES.get(name, name)
    try:
        found = datasets.load_dataset(hub_name)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        place = f"`{local}`" if local else f"`$NETWRIGHT_DATA/{name}` (the variable is not set)"
        raise DataError(
            f"no data set `{name}`: there is no folder of that name here nor at {place}, "
            f"and the hub's `{hub_name}` cannot be had: {str(error).rstrip('.')}."
        ) from error
    return _stored(found, name, column)


def _stored(found: Mapping[str, Any], name: str, column: str) -> Stored:
    parts = {SPLITS[split]: part for split, part in found.items() if split in SPLITS}
    if "train" not in parts:
        raise DataError(f"`{name}` has no train split; it has {', '.join(found)}.")
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
