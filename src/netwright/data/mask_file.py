"""Writing a map of stored values: PNG, TIFF, NumPy or NIfTI, by the suffix of the file."""

import gzip
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from netwright.data.readers.opened import needs
from netwright.durable import replace
from netwright.errors import DataError

Values = NDArray[Any]


def write(values: Values, path: Path, affine: Any = None) -> None:
    """Write integers [*space] to a file, completely or not at all.

    A volume becomes the pages of a TIFF file. `affine` [4, 4] says where the voxels of a NIfTI file lie; it
    is the identity where none is given, and other formats cannot keep it.

    Raises:
        DataError: The format cannot hold the values.
        UsageError: The format needs a package that is not installed.
    """
    suffix = ".nii.gz" if path.name.lower().endswith(".nii.gz") else path.suffix.lower()
    if suffix not in WRITERS:
        raise DataError(
            f"`{path}`: a mask cannot be written as {suffix or 'a file'}; use {', '.join(WRITERS)}."
        )
    replace(path, WRITERS[suffix](values, path, affine))


def _png(values: Values, path: Path, affine: Any) -> bytes:
    if values.ndim != 2:
        raise DataError(
            f"`{path}`: a PNG file holds an image, and the mask has {values.ndim} axes; use .tif."
        )
    return _image(values, path, "PNG")


def _tiff(values: Values, path: Path, affine: Any) -> bytes:
    return _image(values, path, "TIFF")


def _image(values: Values, path: Path, form: str) -> bytes:
    kind = np.uint8 if values.max(initial=0) < 256 and values.dtype != np.uint16 else np.uint16
    if values.min(initial=0) < 0 or values.max(initial=0) > 65535:
        raise DataError(f"`{path}`: {form} holds 0 to 65535, not {values.min()} to {values.max()}; use .npy.")
    pages = [Image.fromarray(page) for page in values.astype(kind).reshape(-1, *values.shape[-2:])]
    stream = BytesIO()
    more = {"save_all": True, "append_images": pages[1:]} if len(pages) > 1 else {}
    pages[0].save(stream, form, **more)
    return stream.getvalue()


def _npy(values: Values, path: Path, affine: Any) -> bytes:
    stream = BytesIO()
    np.save(stream, values, allow_pickle=False)
    return stream.getvalue()


def _nifti(values: Values, path: Path, affine: Any) -> bytes:
    needs("nibabel", "NIfTI")
    import nibabel

    narrow = values.astype(np.int32) if values.dtype == np.int64 else values  # most readers refuse 64 bits
    return nibabel.Nifti1Image(narrow, np.eye(4) if affine is None else affine).to_bytes()


def _compressed(values: Values, path: Path, affine: Any) -> bytes:
    return gzip.compress(_nifti(values, path, affine), mtime=0)


WRITERS: dict[str, Callable[[Values, Path, Any], bytes]] = {
    ".png": _png,
    ".tif": _tiff,
    ".tiff": _tiff,
    ".npy": _npy,
    ".nii": _nifti,
    ".nii.gz": _compressed,
}
"""The writer of each format."""
