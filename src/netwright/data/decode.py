"""Decoding of images into one uint8 tensor."""

import math
import struct
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from rich.console import Console
from rich.progress import track
from torch import Tensor

from netwright.arithmetic.shape import show
from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.data.stored import StoredSplit
from netwright.errors import DataError

GREY = {"1", "L", "LA", "La"}  # modes of Pillow; "I;16" and the like are scaled down, see `_pixels`
COLOUR = {"RGB", "RGBA", "RGBa", "RGBX", "P", "PA", "CMYK", "YCbCr", "LAB", "HSV"}
BROKEN = (  # raised by Pillow for content that is not an image, is truncated, or claims an absurd size
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class Decoder:
    """Decodes the splits of one data set, whose images must all have one size and number of channels.

    Args:
        size: Resize the shorter side to this and crop the centre; by default no image is resized.
        skip_bad: Leave out images that cannot be read and count them in `skipped`, instead of stopping.
    """

    def __init__(self, *, size: int | None = None, skip_bad: bool = False):
        self.size = size
        self.skip_bad = skip_bad
        self.skipped = 0
        self._first: tuple[str, tuple[int, ...]] | None = None

    def decode(self, stored: StoredSplit, name: str) -> Split:
        """Decode one split, with a progress bar where standard error is a terminal.

        Raises:
            DataError: An image is damaged, or differs from the first one in size or colour.
        """
        inputs: Tensor | None = None
        indices: list[int] = []
        with _bombs_are_errors():
            for k, pixels in self._images(stored, name):
                if inputs is None:
                    inputs = _room(len(stored), pixels.shape, name)
                inputs[len(indices)] = torch.from_numpy(pixels)
                indices.append(k)
        if inputs is None:
            raise DataError(f"the {name} split has no readable image; {self.skipped} could not be read.")
        classes = stored.targets[Kind.CLASS]
        return Split(inputs[: len(indices)], {Kind.CLASS: torch.tensor([classes[k] for k in indices])})

    def _images(self, stored: StoredSplit, name: str) -> Iterator[tuple[int, np.ndarray]]:
        console = Console(stderr=True)
        quiet = not sys.stderr.isatty()
        for k in track(
            range(len(stored)), f"decoding {name}", console=console, transient=True, disable=quiet
        ):
            try:
                image = stored.images[k]
                assert isinstance(image, bytes | Path)
                pixels = _pixels(image, self.size)
            except BROKEN as error:
                if not self.skip_bad:
                    raise DataError(
                        f"{stored.place(k)} cannot be read: {_reason(error)}; "
                        "repair or remove it, or leave bad images out with --skip-bad (skip_bad=True)."
                    ) from error
                self.skipped += 1
                continue
            if self._first is None:
                self._first = (stored.place(k), pixels.shape)
            if pixels.shape != self._first[1]:
                raise DataError(_difference(*self._first, stored.place(k), pixels.shape))
            yield k, pixels


def _pixels(content: bytes | Path, size: int | None) -> np.ndarray:
    """Return an image as uint8 [c, h, w], with one channel for a grey one and three for a coloured one."""
    image: Image.Image
    with Image.open(BytesIO(content) if isinstance(content, bytes) else content) as image:
        ImageOps.exif_transpose(image, in_place=True)  # an upright photograph is often stored on its side
        if image.mode.startswith(
            "I;16"
        ):  # 16 bits per pixel: keep the upper eight, because Pillow would clip
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        elif image.mode not in GREY | COLOUR:
            raise ValueError(
                f"its pixels have the Pillow mode {image.mode}; convert it to 8 bits per channel"
            )
        if image.mode not in {"L", "RGB"}:
            image = image.convert("L" if image.mode in GREY else "RGB")
        if size is not None:
            image = ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)
        pixels = np.array(image)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _room(images: int, shape: tuple[int, ...], name: str) -> Tensor:
    try:
        return torch.empty(images, *shape, dtype=torch.uint8)
    except RuntimeError as error:
        need = images * math.prod(shape) / 2**30
        raise DataError(
            f"the {name} split does not fit in memory: {images:,} images of {show(shape)} "
            f"take {need:,.1f} GiB; give a smaller size or a limit."
        ) from error


def _difference(place: str, shape: tuple[int, ...], other: str, other_shape: tuple[int, ...]) -> str:
    """Return how two images differ, and what to do."""
    if shape[0] != other_shape[0]:
        kinds = {1: "grey", 3: "coloured"}
        return (
            f"{other} is {kinds[other_shape[0]]} while {place} is {kinds[shape[0]]}; "
            "convert the images of one kind to the other."
        )
    return (
        f"{other} is {other_shape[2]} wide, {other_shape[1]} high while {place} is {shape[2]} wide, "
        f"{shape[1]} high; give a size, as in size={min(shape[1:])}: the shorter side is resized to it and "
        "the centre is cropped."
    )


def _reason(error: BaseException) -> str:
    if isinstance(error, Image.UnidentifiedImageError):
        return "it is not an image"
    return str(error).rstrip(".") or type(error).__name__


@contextmanager
def _bombs_are_errors() -> Iterator[None]:
    """Turn the warning into an error that Pillow gives for images that are huge but not yet absurd."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield
