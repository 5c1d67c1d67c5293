"""Arrays of any shapes and types in one file, from which they are mapped into memory.

One file for a split instead of one for each example: a process may have only so many files open.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor

from netwright.data.extent import map_file

ALIGN = 64


class Writer:
    """Appends arrays to a file; `entries` says where each one is, as JSON."""

    def __init__(self, file: BinaryIO):
        self.file = file
        self.entries: list[dict[str, Any]] = []

    def start(self, shape: Sequence[int], dtype: np.dtype) -> None:
        """Begin an array; its values follow in C order by `write`."""
        self.file.write(bytes(-self.file.tell() % ALIGN))
        entry = {"offset": self.file.tell(), "shape": list(shape), "type": dtype.name}
        self.entries.append(entry)

    def write(self, values: np.ndarray) -> None:
        """Append a part of the array."""
        self.file.write(np.ascontiguousarray(values).data)


def mapped(path: Path, entries: Sequence[Mapping[str, Any]]) -> list[Tensor]:
    """Return the arrays of a file as memory maps, which copy a page that is written to."""
    if not entries:
        return []
    flat = map_file(path)
    return [_view(flat, entry) for entry in entries]


def whole(path: Path, entries: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a file is there with the length that its entries need."""
    ends = [entry["offset"] + _bytes(entry) for entry in entries]
    return path.is_file() and path.stat().st_size == max(ends, default=0)


def in_place(values: np.ndarray) -> Tensor | None:
    """Return a memory-mapped array as a tensor on the same file; None if it is not one that torch can map.

    The map of NumPy keeps its file open for as long as it lives; that of torch does not.
    """
    base: Any = values
    while isinstance(base, np.ndarray) and not (isinstance(base, np.memmap) and _is_whole(base)):
        base = base.base
    steps = [stride / values.itemsize for stride in values.strides]
    if (
        not isinstance(base, np.memmap)
        or base.filename is None
        or any(step < 0 or step % 1 for step in steps)
    ):
        return None
    start = values.__array_interface__["data"][0] - base.__array_interface__["data"][0] + base.offset
    dtype = getattr(torch, values.dtype.name, None)
    if start % values.itemsize or dtype is None or not values.dtype.isnative:
        return None
    flat = map_file(Path(str(base.filename)))
    flat = flat[: len(flat) - len(flat) % values.itemsize]
    return flat.view(dtype).as_strided(values.shape, [int(s) for s in steps], start // values.itemsize)


def _is_whole(array: np.memmap) -> bool:
    """Return whether this is the array that was mapped: neither a view of it nor a copy in memory."""
    return array.base is not None and not isinstance(array.base, np.ndarray)


def _view(flat: Tensor, entry: Mapping[str, Any]) -> Tensor:
    start = entry["offset"]
    return flat[start : start + _bytes(entry)].view(getattr(torch, entry["type"])).view(entry["shape"])


def _bytes(entry: Mapping[str, Any]) -> int:
    return math.prod(entry["shape"]) * np.dtype(entry["type"]).itemsize
