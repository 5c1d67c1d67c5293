"""PNG, JPEG, BMP, GIF, WebP, PPM and simple TIFF files, read by Pillow."""

import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, ImageOps

from netwright.data.picture import Picture
from netwright.data.readers import tiff
from netwright.errors import UnreadableError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".pbm", *tiff.SUFFIXES)
GREY = {"1", "L", "LA", "La"}
DEEP = {"I;16", "I;16L", "I;16B", "I;16N", "I", "F"}  # grey of 16 or 32 bits
COLOUR = {"RGB", "RGBA", "RGBa", "RGBX", "P", "PA", "CMYK", "YCbCr", "LAB", "HSV"}
LOW = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L"}
"""The modes whose upper bytes are the lower bytes of another one."""
BROKEN = (  # raised by Pillow for content that is not an image, is truncated, or claims an absurd size
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def read(content: bytes | Path, *, as_map: bool = False) -> Picture:
    """Return an image with one channel for a grey one and three for a coloured one, turned upright.

    With `as_map` a picture with a palette gives its indices instead of its colours.

    Raises:
        UnreadableError: It is damaged or not an image.
    """
    if tiff.beyond_pillow(content):
        return tiff.opened(BytesIO(content) if isinstance(content, bytes) else content).part(None)
    stream = BytesIO(content) if isinstance(content, bytes) else content
    image: ImageFile.ImageFile
    try:
        with Image.open(stream) as image:
            low = _low(image)
            orientation = image.getexif().get(0x0112, 1)
            ImageOps.exif_transpose(image, in_place=True)  # a photograph is often stored on its side
            palette = _palette(image) if as_map else None
            values = _values(image, as_map)
        if low is not None:
            values = _joined(values, _bytes_of(stream, low), as_map)
        return Picture(values, orientation=orientation, palette=palette)
    except BROKEN as error:
        raise UnreadableError(_reason(error)) from error


@contextmanager
def limited(pixels: int | None = None) -> Iterator[None]:
    """Refuse images of more than this many pixels; by default those for which Pillow gives a warning.

    Its other warnings, about odd metadata, are of no use to anybody here.
    """
    most = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = most if pixels is None else pixels
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = most


def _values(image: Image.Image, as_map: bool) -> np.ndarray:
    """Return the pixels [c, h, w]."""
    if image.mode in DEEP:
        deep = np.array(image)
        return deep.astype(deep.dtype.newbyteorder("="))[None]
    if as_map and image.mode in {"1", "P"}:
        return np.array(image).astype(np.uint8)[None]
    if image.mode not in GREY | COLOUR:
        raise ValueError(f"its pixels have the Pillow mode {image.mode}; convert it to 8 bits per channel")
    if image.mode not in {"L", "RGB"}:
        image = image.convert("L" if image.mode in GREY else "RGB")
    pixels = np.array(image)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _low(image: ImageFile.ImageFile) -> str | None:
    """Return how Pillow names the lower bytes of 16-bit colours, of which it gives the upper ones only."""
    how = image.tile[0].args if image.tile else None
    if image.format == "PNG" and how == "LA;16B":
        raise ValueError("it is grey of 16 bits with transparency; save it without the transparency")
    if image.format == "PPM" and image.mode == "RGB" and isinstance(how, tuple) and how[-1] > 255:
        raise ValueError("it has 16 bits per colour; convert it to PNG or TIFF")
    return LOW.get(how) if image.format == "PNG" and isinstance(how, str) else None


def _bytes_of(stream: BytesIO | Path, how: str) -> np.ndarray:
    """Return the pixels [c, h, w] of a PNG file, read as `how` says instead of as Pillow would."""
    if isinstance(stream, BytesIO):
        stream.seek(0)
    image: ImageFile.ImageFile
    with Image.open(stream) as image:
        image.tile = [tile._replace(args=how) for tile in image.tile]
        ImageOps.exif_transpose(image, in_place=True)
        return _values(image, as_map=False)


def _joined(high: np.ndarray, low: np.ndarray, as_map: bool) -> np.ndarray:
    """Return values of 16 bits; colours of a map stay bytes where the bytes repeat, as in 0x3f3f for 0x3f."""
    if as_map and (high == low).all():
        return high
    return high.astype(np.uint16) << 8 | low


def _palette(image: Image.Image) -> np.ndarray | None:
    colours = image.getpalette() if image.mode == "P" else None
    return None if colours is None else np.array(colours, dtype=np.uint8).reshape(-1, 3)


def _reason(error: BaseException) -> str:
    if isinstance(error, Image.UnidentifiedImageError):
        return "it is not an image"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        size = re.search(r"\d+", str(error))
        pixels = f"{int(size[0]):,} pixels" if size else "more pixels than that"
        most = f"{Image.MAX_IMAGE_PIXELS:,.0f}"
        return f"it has {pixels}, and the limit is {most}; raise it by --max-pixels (max_pixels=...)"
    return str(error).rstrip(".") or type(error).__name__
