"""NIfTI volumes (`.nii`, `.nii.gz`), with their spacing and affine matrix, read by nibabel.

The axes keep the order of the file, so that the affine matrix holds for the positions of the array. A fourth
axis holds the channels.
"""

import zlib
from pathlib import Path
from typing import Any

import numpy as np

from netwright.data.readers.opened import Opened, needs
from netwright.errors import UnreadableError

SUFFIXES = (".nii", ".nii.gz")
BROKEN = (EOFError, KeyError, MemoryError, OSError, OverflowError, ValueError, zlib.error)


def opened(path: Path) -> Opened:
    """Return the volume; one that is neither compressed nor scaled is mapped into memory.

    Raises:
        UnreadableError: The file is damaged, or has more than four axes.
        UsageError: nibabel is not installed.
    """
    needs("nibabel", "NIfTI")
    import nibabel

    try:
        image: Any = nibabel.load(path, mmap="c")
        scaled = (image.dataobj.slope, image.dataobj.inter) != (1, 0)
        values: Any = np.asarray(image.dataobj, np.float32) if scaled else image.dataobj.get_unscaled()
    except (*BROKEN, nibabel.filebasedimages.ImageFileError, nibabel.spatialimages.HeaderDataError) as error:
        raise UnreadableError(f"it is not a readable NIfTI file: {str(error).rstrip('.')}") from error
    while values.ndim > 3 and 1 in values.shape[3:]:
        values = values.squeeze(3 + values.shape[3:].index(1))
    if not 2 <= values.ndim <= 4:
        raise UnreadableError(f"it has {values.ndim} axes; a volume has three, and a fourth for its channels")
    channels = 3 if values.ndim == 4 else None
    spacing = tuple(float(zoom) for zoom in image.header.get_zooms()[: min(values.ndim, 3)])
    return Opened(values, channels, known=True, spacing=spacing, affine=np.asarray(image.affine))
