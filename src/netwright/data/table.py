"""Arrow tables with an image and a label column, as in the data sets of the hub and their parquet files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from netwright.data.kinds import Kind
from netwright.data.stored import StoredSplit
from netwright.errors import DataError

Features = Mapping[str, Any]
"""Column names to feature descriptions, as in the `huggingface` metadata of a parquet file."""


def columns(features: Features, wanted: str, where: str) -> tuple[str, str]:
    """Return the names of the image and the label column, which are known by the types of their features.

    `wanted` names the label where several columns are labels; it is empty where there is only one.

    Raises:
        DataError: A column is missing, or several could be meant; the message names all columns.
    """
    images = [name for name, feature in features.items() if _type(feature) == "Image"]
    labels = [name for name, feature in features.items() if _type(feature) == "ClassLabel"]
    shown = ", ".join(f"{name} ({_type(feature)})" for name, feature in features.items())
    if len(images) != 1:
        raise DataError(
            f"`{where}` must have one column of type Image; it has {shown or 'no described columns'}."
        )
    if wanted and wanted not in labels:
        raise DataError(f"`{where}` has no column `{wanted}` of type ClassLabel; it has {shown}.")
    if not labels:
        raise DataError(f"`{where}` must have a column of type ClassLabel; it has {shown}.")
    if not wanted and len(labels) > 1:
        either = " or ".join(f"`{where}:{name}`" for name in labels)
        raise DataError(f"`{where}` has several columns of type ClassLabel; write {either}.")
    return images[0], wanted or labels[0]


def split(
    table: pa.Table, image: str, label: str, classes: int, place: Callable[[int], str]
) -> StoredSplit | None:
    """Return the rows of a table; None if no row is labelled, as in the test split of a competition.

    Raises:
        DataError: The label of a row is missing or out of range.
    """
    targets = [-1 if target is None else target for target in table.column(label).to_pylist()]
    if set(targets) == {-1}:
        return None
    for k, target in enumerate(targets):
        if not 0 <= target < classes:
            raise DataError(f"{place(k)} has the label {target}; it must be one of 0..{classes - 1}.")
    cells = table.column(image)
    contents = pc.struct_field(cells, "bytes").to_pylist()
    if None in contents:
        paths = pc.struct_field(cells, "path").to_pylist()
        contents = [_content(*both) for both in zip(contents, paths, strict=True)]
    return StoredSplit(contents, {Kind.CLASS: targets}, place)


def _content(content: bytes | None, path: str | None) -> bytes | Path:
    """Return the bytes of an image, else its file; the decoder refuses an empty cell and names its row."""
    if content is None and path is not None:
        return Path(path)
    return content or b""


def _type(feature: Any) -> str:
    """Return the type of a feature; lists and nested features have no type of their own."""
    return str(feature.get("_type", "nested")) if isinstance(feature, Mapping) else "nested"
