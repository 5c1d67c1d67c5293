"""Tensors over memory maps that know their file, so that another process maps it instead of copying it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from netwright.errors import DataError


@dataclass(frozen=True)
class Extent:
    """Where an array lies in a file: the offset of its first value and its strides are in bytes."""

    path: str
    offset: int
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]


_EXTENTS: "WeakTensorKeyDictionary" = WeakTensorKeyDictionary()


def as_tensor(array: np.ndarray) -> Tensor:
    """Return a tensor over an array without a copy; of a memory map, or a part of one, `extent` is known."""
    tensor = torch.from_numpy(array)
    root = _root(array)
    if root is not None:
        offset = root.offset + array.ctypes.data - root.ctypes.data
        path = str(Path(str(root.filename)).absolute())
        _EXTENTS[tensor] = Extent(path, offset, array.dtype.str, array.shape, array.strides)
    return tensor


def extent(tensor: Tensor) -> Extent | None:
    """Return where a tensor lies in a file; None if it is not one that `as_tensor` made over a memory map."""
    return _EXTENTS.get(tensor)


def opened(place: Extent) -> Tensor:
    """Return the tensor at a place in a file, as a private memory map: writing to it leaves the file alone.

    Raises:
        DataError: The file is missing, or shorter than it was.
    """
    try:
        content = np.memmap(place.path, np.uint8, "c")
        array = np.ndarray(place.shape, np.dtype(place.dtype), content, place.offset, place.strides)
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"`{place.path}` is not the file that was mapped before: {error}.") from error
    tensor = torch.from_numpy(array)
    _EXTENTS[tensor] = place
    return tensor


def _root(array: np.ndarray) -> np.memmap | None:
    """Return the memory map of a whole file that an array is a part of."""
    root, each = None, array
    while isinstance(each, np.ndarray):
        if isinstance(each, np.memmap) and each.filename is not None:
            root = each
        each = each.base  # type: ignore[assignment]  # the last one is the map of the file itself
    return root
