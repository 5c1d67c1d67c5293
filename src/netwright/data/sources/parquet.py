"""A folder of parquet files in the layout of the hub: `train-00000-of-00001.parquet`, `test-…`."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from netwright.data.reading import READING, Reading
from netwright.data.stored import SPLITS, Stored, StoredSplit
from netwright.data.table import Features, columns, split
from netwright.errors import DataError

TASKS = ("classification",)


def matches(path: Path) -> str:
    """Return why a folder, or one directly inside it, holds no parquet files; empty if one does."""
    if path.is_dir() and any(any(folder.glob("*.parquet")) for folder in (path, *_below(path))):
        return ""
    return "it has no parquet files"


def stored(folder: Path, reading: Reading = READING) -> Stored:
    """Read the train, validation and test files of a folder; files of other splits are ignored.

    `reading.column` names the label where there are several. The class names come from the
    `huggingface` metadata of the files.

    Raises:
        DataError: A file is damaged, or there is no train split, or no image or label column.
    """
    files = _files(folder)
    features = _features(files["train"][0])
    image, label = columns(features, reading.column, str(folder))
    classes = tuple(features[label]["names"])
    splits: dict[str, StoredSplit] = {}
    for name, paths in files.items():
        for path in paths:
            if tuple(_features(path).get(label, {}).get("names", ())) != classes:
                raise DataError(f"the class names of `{path}` differ from those of `{files['train'][0]}`.")
        tables = [_read(path, [image, label]) for path in paths]
        rows = split(pa.concat_tables(tables), image, label, len(classes), _place(paths, tables))
        if rows is not None:
            splits[name] = rows
    if "train" not in splits:
        raise DataError(f"no row of the train files in `{folder}` has a label.")
    return Stored(classes, splits)


def _files(folder: Path) -> dict[str, list[Path]]:
    """Return the parquet files of each split, in the order of their names."""
    paths = sorted(_home(folder).glob("*.parquet"))
    files: dict[str, list[Path]] = {}
    for path in paths:
        word = re.split(r"[^a-z]", path.stem.lower())[0]
        if word in SPLITS:
            files.setdefault(SPLITS[word], []).append(path)
    if "train" not in files:
        raise DataError(
            f"`{folder}` has no train-*.parquet among {', '.join(path.name for path in paths[:5])}."
        )
    return files


def _home(folder: Path) -> Path:
    """Return the folder itself, or the only one inside it, as in a clone of a repository of the hub."""
    if any(folder.glob("*.parquet")):
        return folder
    below = _below(folder)
    if len(below) > 1:
        first = next(path for path in below if any(path.glob("*.parquet")))
        raise DataError(
            f"`{folder}` has {len(below)} folders, some with parquet files; name one, such as `{first}`."
        )
    return below[0]


def _below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _features(path: Path) -> Features:
    """Return what the `huggingface` metadata of a file says of its columns; other files describe none."""
    schema = _open(path).schema_arrow
    text = (schema.metadata or {}).get(b"huggingface")
    if text is None:
        return {name: {"_type": str(schema.field(name).type)} for name in schema.names}
    return json.loads(text)["info"]["features"]


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"`{path}` is not a readable parquet file: {str(error).rstrip('.')}.") from error


def _read(path: Path, names: Sequence[str]) -> pa.Table:
    try:
        return _open(path).read(columns=list(names))
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"`{path}` is damaged: {error}.") from error


def _place(paths: Sequence[Path], tables: Sequence[pa.Table]) -> Callable[[int], str]:
    """Return a function that names the file and the row (from 0) of an image."""
    starts = [0, *accumulate(len(table) for table in tables)]

    def place(k: int) -> str:
        file = bisect_right(starts, k) - 1
        return f"row {k - starts[file]} of `{paths[file]}`"

    return place
