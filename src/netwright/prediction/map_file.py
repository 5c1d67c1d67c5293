"""Writing a map that may be larger than memory, in blocks: NumPy, TIFF, zarr and NIfTI; others as a whole.

A file appears under its name when it is complete.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from math import prod
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.data import mask_file
from netwright.data.readers import tiff
from netwright.data.readers.opened import needs
from netwright.data.stored import Content
from netwright.data.view import kind_of
from netwright.durable import replacing

Values = NDArray[Any]
Block = Callable[[tuple[slice, ...]], Values]

BLOCK = 2**22
"""Positions of a block that is written at once."""
FORMATS = (*mask_file.WRITERS, ".zarr")
"""The endings of the files that a map is written to."""
CLASSIC = 2**32 - 2**25
"""The bytes from which a TIFF file needs offsets of 64 bits."""
FAST = 1
"""The level of compression: higher ones take longer than a small network does, for little."""
TILE = 256
"""The side of the tiles of a TIFF file."""


@contextmanager
def scratch(folder: Path, shape: tuple[int, ...], dtype: Any, *, mapped: bool) -> Iterator[Values]:
    """Yield an array of zeros: in memory, or mapped to a file without a name that ends with the process."""
    if not mapped:
        yield np.zeros(shape, dtype)
        return
    with TemporaryFile(dir=folder) as file:
        yield np.memmap(file, dtype, "w+", shape=shape)


def ending(content: Content) -> str:
    """Return how the name of a map ends: as that of its input, where the format can hold it; else as PNG.

    >>> ending(Path("a.jpg")), ending(Path("a.nii.gz")), ending(Path("a.npz"))
    ('.png', '.nii.gz', '.npy')
    """
    kind = kind_of(content)
    return ".npy" if kind == ".npz" else kind if kind in FORMATS else ".png"


def blocks(shape: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Yield parts of an array along its first axis, or along its first two where one row is large."""
    row = prod(shape[1:])
    for start in range(0, shape[0], max(1, BLOCK // row)):
        yield (
            slice(start, min(start + max(1, BLOCK // row), shape[0])),
            *map(slice, (0,) * (len(shape) - 1), shape[1:]),
        )


def write(
    block: Block, shape: tuple[int, ...], path: Path, affine: Any = None, *, like: Path | None = None
) -> None:
    """Write a map [*space] to a file, by its suffix.

    Args:
        block: Returns a part of the map, in the user's own values.
        shape: Its shape.
        path: The file.
        affine: Where the voxels of a NIfTI file lie.
        like: A TIFF file whose compression and place in the world a TIFF file takes over.

    Raises:
        DataError: The format cannot hold the values.
        UsageError: The format needs a package that is not installed.
    """
    suffix = path.suffix.lower()
    path.parent.mkdir(parents=True, exist_ok=True)
    if suffix == ".npy":
        _npy(block, shape, path)
    elif suffix in (".tif", ".tiff"):
        _tiff(block, shape, path, like)
    elif suffix == ".zarr":
        _zarr(block, shape, path)
    elif suffix == ".nii":
        _nifti(block, shape, path, affine)
    else:
        mask_file.write(block(tuple(slice(0, side) for side in shape)), path, affine)


def _dtype(block: Block, shape: tuple[int, ...]) -> np.dtype:
    return block(tuple(slice(0, 1) for _ in shape)).dtype


def _npy(block: Block, shape: tuple[int, ...], path: Path) -> None:
    with replacing(path) as draft:
        values = np.lib.format.open_memmap(draft, "w+", _dtype(block, shape), shape)
        for part in blocks(shape):
            values[part] = block(part)
        values.flush()


def _nifti(block: Block, shape: tuple[int, ...], path: Path, affine: Any) -> None:
    needs("nibabel", "NIfTI")
    import nibabel

    dtype = _dtype(block, shape)
    dtype = np.dtype(np.int32) if dtype == np.int64 else dtype  # most readers refuse 64 bits
    empty = np.broadcast_to(np.zeros((), dtype), shape)
    image = nibabel.Nifti1Image(empty, np.eye(4) if affine is None else affine)
    image.header.set_data_offset(352)
    with replacing(path) as draft:
        draft.write_bytes(image.header.binaryblock + bytes(4))
        values = np.memmap(draft, dtype, "r+", 352, shape, order="F")
        for part in blocks(shape):
            values[part] = block(part)
        values.flush()


def _tiff(block: Block, shape: tuple[int, ...], path: Path, like: Path | None) -> None:
    needs("tifffile", "such TIFF")
    import tifffile

    dtype = _dtype(block, shape)
    packed, tags = tiff.form(like) if like is not None else (False, [])
    with (
        replacing(path) as draft,
        tifffile.TiffWriter(draft, bigtiff=prod(shape) * dtype.itemsize > CLASSIC) as file,
    ):
        file.write(
            _pages(block, shape),
            shape=shape,
            dtype=dtype,
            tile=(TILE, TILE),
            compression="zlib" if packed else None,
            compressionargs={"level": FAST} if packed else None,
            photometric="minisblack",
            extratags=tags,
        )


def _pages(block: Block, shape: tuple[int, ...]) -> Iterator[Values]:
    """Yield the tiles of every page in order; those at the far end are filled up with zeros."""
    *lead, height, width = shape
    for page in product(*map(range, lead)):
        at = tuple(slice(k, k + 1) for k in page)
        for top in range(0, height, TILE):
            band = block((*at, slice(top, min(top + TILE, height)), slice(0, width)))
            band = band.reshape(band.shape[-2:])
            for left in range(0, width, TILE):
                tile = np.zeros((TILE, TILE), band.dtype)
                part = band[:, left : left + TILE]
                tile[: part.shape[0], : part.shape[1]] = part
                yield tile


def _zarr(block: Block, shape: tuple[int, ...], path: Path) -> None:
    needs("zarr", "zarr")
    import zarr

    draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    sides = [max(1, round(BLOCK ** (1 / len(shape)) / 2))] * len(shape)
    chunks = tuple(map(min, sides, shape))
    try:
        array = zarr.create_array(draft, shape=shape, chunks=chunks, dtype=_dtype(block, shape))
        for corner in product(*(range(0, side, size) for side, size in zip(shape, chunks, strict=True))):
            part = tuple(
                slice(low, min(low + size, side))
                for low, size, side in zip(corner, chunks, shape, strict=True)
            )
            array[part] = block(part)
        if path.exists():
            shutil.rmtree(path)
        draft.rename(path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
