"""Decoding of images with classes into one tensor."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from netwright.arithmetic.shape import show
from netwright.data.fit import fit
from netwright.data.kinds import Kind
from netwright.data.progress import shown
from netwright.data.read import forget, read
from netwright.data.readers.image import limited
from netwright.data.stored import Content, StoredSplit
from netwright.data.tensors import Split
from netwright.errors import DataError, UnreadableError


class Decoder:
    """Decodes the splits of one data set, whose images must all have one shape and type.

    Args:
        size: Resize the shorter side to this and crop the centre; by default no image is resized.
        skip_bad: Leave out images that cannot be read and count them in `skipped`, instead of stopping.
        max_pixels: The largest picture that is decoded.
    """

    def __init__(self, *, size: int | None = None, skip_bad: bool = False, max_pixels: int | None = None):
        self.size = size
        self.skip_bad = skip_bad
        self.max_pixels = max_pixels
        self.skipped = 0
        self._first: tuple[str, tuple[int, ...], np.dtype] | None = None

    def decode(self, stored: StoredSplit, name: str) -> Split:
        """Decode one split, with a progress bar where standard error is a terminal.

        Raises:
            DataError: An image is damaged, or differs from the first one in size, colour or type.
        """
        inputs: Tensor | None = None
        indices: list[int] = []
        with limited(self.max_pixels):
            for k, pixels in self._images(stored, name):
                if inputs is None:
                    inputs = _room(len(stored), pixels, name)
                inputs[len(indices)] = torch.from_numpy(np.ascontiguousarray(pixels))
                indices.append(k)
        forget()
        if inputs is None:
            raise DataError(f"the {name} split has no readable image; {self.skipped} could not be read.")
        classes = stored.targets[Kind.CLASS]
        return Split(inputs[: len(indices)], {Kind.CLASS: torch.tensor([classes[k] for k in indices])})

    def _images(self, stored: StoredSplit, name: str) -> Iterator[tuple[int, np.ndarray]]:
        for k in shown(range(len(stored)), f"decoding {name}"):
            try:
                pixels = _pixels(stored.images[k], self.size)
            except UnreadableError as error:
                if not self.skip_bad:
                    raise DataError(
                        f"{stored.place(k)} cannot be read: {error}; "
                        "repair or remove it, or leave bad images out with --skip-bad (skip_bad=True)."
                    ) from error
                self.skipped += 1
                continue
            if self._first is None:
                self._first = (stored.place(k), pixels.shape, pixels.dtype)
            if (pixels.shape, pixels.dtype) != self._first[1:]:
                raise DataError(_difference(*self._first, stored.place(k), pixels))
            yield k, pixels


def _pixels(content: Content, size: int | None) -> np.ndarray:
    """Return an image [c, *space]: one channel for a grey picture and three for a coloured one."""
    values = read(content).values
    return values if size is None else fit(values, size)


def _room(images: int, first: np.ndarray, name: str) -> Tensor:
    try:
        return torch.empty(images, *first.shape, dtype=torch.from_numpy(first[:, :0].copy()).dtype)
    except RuntimeError as error:
        need = images * math.prod(first.shape) * first.itemsize / 2**30
        raise DataError(
            f"the {name} split does not fit in memory: {images:,} images of {show(first.shape)} "
            f"take {need:,.1f} GiB; give a smaller size or a limit."
        ) from error


def _difference(place: str, shape: tuple[int, ...], dtype: np.dtype, other: str, pixels: np.ndarray) -> str:
    """Return how two images differ, and what to do."""
    if shape[0] != len(pixels):
        kinds = {1: "grey", 3: "coloured"}
        ours, theirs = (kinds.get(count, f"of {count} channels") for count in (len(pixels), shape[0]))
        return f"{other} is {ours} while {place} is {theirs}; convert the images of one kind to the other."
    if dtype != pixels.dtype:
        return f"{other} is {pixels.dtype} while {place} is {dtype}; convert one of them."
    if len(shape) != 3 or pixels.ndim != 3:
        return f"{other} is {show(pixels.shape[1:])} while {place} is {show(shape[1:])}; give them one size."
    return (
        f"{other} is {pixels.shape[2]} wide, {pixels.shape[1]} high while {place} is {shape[2]} wide, "
        f"{shape[1]} high; give a size, as in size={min(shape[1:])}: the shorter side is resized to it and "
        "the centre is cropped."
    )
