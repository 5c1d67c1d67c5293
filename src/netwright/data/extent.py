"""Files mapped into memory as tensors that know their file, so that another process can map it too."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef

from netwright.errors import DataError

_FILES: dict[StorageWeakRef, str] = {}
"""The file that each storage maps; a storage that no tensor uses any more is removed with the next file."""


@dataclass(frozen=True)
class Extent:
    """Where a tensor lies in a file: the offset of its first value and its strides count values."""

    path: str
    dtype: str
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int


def map_file(path: Path) -> Tensor:
    """Return the bytes of a file, uint8 [size], as a memory map that copies a page that is written to.

    The views of the tensor know their file: see `extent`.
    """
    flat = torch.from_file(str(path), shared=False, size=path.stat().st_size, dtype=torch.uint8)
    for storage in [storage for storage in _FILES if storage.expired()]:
        del _FILES[storage]
    _FILES[StorageWeakRef(flat.untyped_storage())] = str(path.absolute())
    return flat


def extent(tensor: Tensor) -> Extent | None:
    """Return where a tensor lies in its file; None if it is not a view of what `map_file` returned."""
    path = _FILES.get(StorageWeakRef(tensor.untyped_storage()))
    if path is None:
        return None
    dtype = str(tensor.dtype).removeprefix("torch.")
    return Extent(path, dtype, tuple(tensor.shape), tensor.stride(), int(tensor.storage_offset()))


def opened(places: Sequence[Extent]) -> list[Tensor]:
    """Return the tensors at places in files, each of which is mapped once.

    Raises:
        DataError: A file is missing, or shorter than it was.
    """
    files: dict[str, Tensor] = {}
    tensors = []
    for place in places:
        try:
            if place.path not in files:
                files[place.path] = map_file(Path(place.path))
            tensors.append(_view(files[place.path], place))
        except (OSError, RuntimeError) as error:
            raise DataError(f"`{place.path}` is not the file that was mapped before: {error}") from error
    return tensors


def _view(flat: Tensor, place: Extent) -> Tensor:
    dtype = getattr(torch, place.dtype)
    values = flat[: len(flat) - len(flat) % dtype.itemsize].view(dtype)
    return values.as_strided(place.shape, place.stride, place.offset)
