"""An image, a volume or a series in a file, of which parts are read.

Memory maps (`.npy`, uncompressed NIfTI and TIFF in one piece), TIFF files of strips or tiles and zarr arrays
are read window by window; every other file is decoded as a whole.
"""

from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from netwright.arithmetic.shape import show
from netwright.data.read import open_array, read, suffix
from netwright.data.readers import image, tiff
from netwright.data.readers.opened import Opened, Pages, channel_axis, channels_first
from netwright.data.readers.segments import Segments
from netwright.data.stored import Content, Page
from netwright.errors import UnreadableError

Slices = tuple[slice, ...]


class View:
    """An array [c, *space] whose parts are read when they are asked for.

    Args:
        array: The array as the file holds it.
        channels: The axis of its channels; None where it has none.
        affine: The matrix [4, 4] from positions to coordinates in the world, where the file has one.
    """

    def __init__(self, array: Pages, channels: int | None = None, affine: np.ndarray | None = None):
        self.array, self.channels, self.affine = array, channels, affine
        space = [side for axis, side in enumerate(array.shape) if axis != channels]
        self.shape = (1 if channels is None else array.shape[channels], *space)

    def __getitem__(self, index: Slices, /) -> Tensor:
        """Return a part in native byte order, by one slice for each axis.

        Raises:
            UnreadableError: The file is damaged there.
        """
        lead, *space = index
        if self.channels is not None:
            space.insert(self.channels, lead)
        part = channels_first(np.asarray(self.array[tuple(space)]), self.channels)
        return torch.from_numpy(np.ascontiguousarray(part) if min(part.strides, default=0) < 0 else part)

    @property
    def dtype(self) -> torch.dtype:
        """The type of its parts."""
        return self[tuple(slice(0, 1) for _ in self.shape)].dtype

    @property
    def held(self) -> int:
        """The bytes that it takes in memory all the time; 0 where it is read in parts."""
        array = self.array
        return array.nbytes if isinstance(array, np.ndarray) and not isinstance(array, np.memmap) else 0

    def keep(self, window: Sequence[int], most: int) -> None:
        """Keep what is decoded of a file for the next windows, so that no part is decoded twice.

        Args:
            window: The size of the windows, which are read in the order of their corners.
            most: The bytes that may be kept.
        """
        if isinstance(self.array, Segments):
            pages = prod(window[:-2])
            self.array.cache = min(most, self.array.band(pages, window[-2] if len(window) > 1 else 1))


class PageView:
    """One page of a stack, as an array [c, *space] without the axis of the pages."""

    def __init__(self, stack: View, number: int):
        self.stack, self.number = stack, slice(number, number + 1)
        self.shape = (stack.shape[0], *stack.shape[2:])

    def __getitem__(self, index: Slices, /) -> Tensor:
        """Return a part, by one slice for each axis."""
        return self.stack[index[0], self.number, *index[1:]][:, 0]


def view(content: Content, axes: int, *, pages: bool = False, max_pixels: int | None = None) -> View:
    """Return what a file or a part of files holds, with `axes` axes of space.

    Args:
        content: The file.
        axes: How many axes of space it has, which tells a series of several channels from an image.
        pages: Whether it may have one more, along which it is a stack of pages.
        max_pixels: The largest picture that is decoded; by default the limit of Pillow.

    Raises:
        UnreadableError: It is damaged, or has another number of axes.
        UsageError: The package that reads such files is not installed.
    """
    with image.limited(max_pixels):
        lazily = _array(content)
        picture = read(content) if lazily is None else None
    if lazily is not None:
        shape = tuple(lazily.array.shape)
        found = View(lazily.array, _channels(lazily, shape, axes), lazily.affine)
    else:
        assert picture is not None
        found = View(picture.values, 0, picture.affine)
    if len(found.shape) - 1 not in (axes, axes + pages):
        raise UnreadableError(f"it is {show(found.shape)}, and {axes} axes of space are wanted")
    if 0 in found.shape:
        raise UnreadableError(f"its array is {show(found.shape)}")
    return found


def _array(content: Content) -> Opened | None:
    """Return the array of a file that is read in parts; None where it is decoded as a whole."""
    path = content.path if isinstance(content, Page) and content.index is None else content
    if not isinstance(path, Path):
        return None
    key = content.key if isinstance(content, Page) else ""
    if suffix(path) in image.SUFFIXES and not tiff.beyond_pillow(path) and not tiff.large(path):
        return None
    opened = open_array(path, key)
    given = content.channels if isinstance(content, Page) else None
    return opened if given is None else Opened(opened.array, given, known=True, affine=opened.affine)


def _channels(opened: Opened, shape: tuple[int, ...], axes: int) -> int | None:
    """Return the axis of the channels: what the file says, or what the number of axes leaves open."""
    if opened.known:
        return opened.channels
    if len(shape) == axes:
        return None
    return 0 if len(shape) == 2 else channel_axis(shape)


def kind_of(content: Content) -> str:
    """Return the ending of a file in lower case; nothing where the content is not a file."""
    path: Any = content.path if isinstance(content, Page) else content
    return suffix(path) if isinstance(path, Path) else ""
