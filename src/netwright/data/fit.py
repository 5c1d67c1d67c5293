"""Resizing of decoded images and their maps."""

import numpy as np
from PIL import Image, ImageOps

from netwright.errors import DataError


def fit(values: np.ndarray, size: int, *, nearest: bool = False) -> np.ndarray:
    """Return an image [c, h, w] with its shorter side resized to `size` and its centre cropped.

    With `nearest` no new values arise, as for masks; otherwise the resampling is bilinear. The type stays.

    Raises:
        DataError: It is a volume or a signal.
    """
    if values.ndim != 3:
        what = "volumes" if values.ndim > 3 else "signals"
        raise DataError(
            f"`size` (={size}) resizes images, and these are {what}; leave it out, and train on patches."
        )
    how = Image.Resampling.NEAREST if nearest else Image.Resampling.BILINEAR
    if values.dtype == np.uint8 and len(values) in (1, 3):
        image = Image.fromarray(values[0] if len(values) == 1 else values.transpose(1, 2, 0))
        pixels = np.array(ImageOps.fit(image, (size, size), how))
        return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))
    mode = np.int32 if nearest else np.float32
    planes = [ImageOps.fit(Image.fromarray(plane.astype(mode)), (size, size), how) for plane in values]
    resized = np.stack([np.array(plane) for plane in planes])
    whole = np.issubdtype(values.dtype, np.integer)
    return (np.rint(resized) if whole else resized).astype(values.dtype)
