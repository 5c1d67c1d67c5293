"""Data sets of the Hugging Face hub, through the `datasets` library and its own cache."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from ssl import SSLError
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from netwright.data.stored import SPLITS, Stored, StoredSplit
from netwright.errors import DataError

NAMES = {
    "cifar10": "uoft-cs/cifar10",
    "cifar100": "uoft-cs/cifar100",
    "mnist": "ylecun/mnist",
    "fashion_mnist": "zalando-datasets/fashion_mnist",
}
"""Short names of well-known data sets."""

PATIENCE = 5.0
"""Seconds in which the hub must answer."""


def stored(name: str, column: str = "", local: Path | None = None) -> Stored:
    """Download a data set, or take it from the cache of the library.

    `local` is where a copy on this machine was looked for; the messages name it.

    Raises:
        DataError: The hub cannot be reached or has no such set, or the set lacks an image or label column.
    """
    import datasets  # slow to import, and needed for the hub alone
    from huggingface_hub import constants

    hub_name, silent = NAMES.get(name, name), not constants.HF_HUB_OFFLINE and not _answers()
    try:
        with _offline(silent):
            parts = datasets.load_dataset(hub_name)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        place = f"`{local}`" if local else f"`$NETWRIGHT_DATA/{name}` (the variable is not set)"
        reason = f"{constants.ENDPOINT} does not answer" if silent else str(error).rstrip(".")
        raise DataError(
            f"there is no data set `{name}`: no folder has that name here or at {place}, "
            f"and `{hub_name}` cannot be loaded from the hub: {reason}."
        ) from error
    return _stored(parts, name, column)


@contextmanager
def _offline(silent: bool) -> Iterator[None]:
    """Where the hub is silent, let the library look into its cache alone, instead of trying for long."""
    import datasets
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE
    if silent:
        constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE = before


def _answers() -> bool:
    """Return whether the hub answers, be it by an error."""
    from huggingface_hub import constants

    try:
        with urlopen(Request(constants.ENDPOINT, method="HEAD"), timeout=PATIENCE):  # noqa: S310  # the hub's own address
            return True
    except HTTPError:
        return True
    except URLError as error:
        return isinstance(error.reason, SSLError)  # the library may have certificates of its own
    except OSError:
        return False


def _stored(given: Mapping[str, Any], name: str, column: str) -> Stored:
    from netwright.data import table  # imports pyarrow, which other sources do not need

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
