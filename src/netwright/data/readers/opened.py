"""An array in a file, before it is read: what is common to TIFF, NumPy, NIfTI and zarr files."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np

from netwright.arithmetic.shape import show
from netwright.data.picture import Picture
from netwright.errors import UnreadableError, UsageError

SAMPLES = 4  # an axis of at most this size at either end of an array holds channels, unless the file says


class Pages(Protocol):
    """What is needed of an array that is read in parts: a NumPy array, a memory map, a zarr array."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""

    @property
    def dtype(self) -> Any:
        """The type of its values."""

    def __getitem__(self, index: Any) -> Any:
        """Return a part."""


@dataclass(frozen=True, eq=False)
class Opened:
    """An array in a file, with the axis of its channels where the file tells it (None: it has none).

    `known` says that `channels` is what the file tells; otherwise the axis is inferred from the shape.
    """

    array: Pages
    channels: int | None = None
    known: bool = False
    spacing: tuple[float, ...] = ()
    affine: np.ndarray | None = None

    def part(
        self, index: int | slice | None, channels: int | None = None, *, as_map: bool = False
    ) -> Picture:
        """Return the position or the positions `index` along the first axis; None returns the whole array.

        `channels` is the axis of the channels after that, where the caller knows it. A map has no channels:
        a short first axis is one of space there.

        Raises:
            UnreadableError: There is no such position, or the values are not numbers.
        """
        size = self.array.shape[0] if self.array.shape else 0
        if isinstance(index, int) and not 0 <= index < size:
            raise UnreadableError(f"it has {size} pages, and page {index} is asked for")
        single = isinstance(index, int)
        values = self.array[... if index is None else index]
        if self.known and channels is None and self.channels is not None:
            channels = self.channels - single
        elif channels is None and not self.known:
            channels = map_axis(values.shape) if as_map else channel_axis(values.shape)
        spacing = self.spacing[1:] if single else self.spacing
        return Picture(channels_first(values, channels), spacing, None if single else self.affine)


def channel_axis(shape: tuple[int, ...]) -> int | None:
    """Return the axis that holds the channels of an image or a volume; None if it has one channel.

    An array of two axes is a grey image. In an array of three the last or the first axis holds the channels
    if it is at most four long; otherwise the array is a volume. One of four axes must have such an axis; it
    is the first one where both ends could be.

    >>> channel_axis((64, 48, 3)), channel_axis((3, 64, 48)), channel_axis((30, 64, 48))
    (2, 0, None)
    """
    if len(shape) < 3:
        return None
    first, last = shape[0] <= SAMPLES, shape[-1] <= SAMPLES
    if len(shape) == 3:
        return 2 if last and not first else 0 if first else None
    return 0 if first or not last else len(shape) - 1


def map_axis(shape: tuple[int, ...]) -> int | None:
    """Return the axis that a map has beside those of space: of length one, or for the colours of pictures.

    >>> map_axis((4, 64, 48)), map_axis((1, 64, 48)), map_axis((64, 48, 3))
    (None, 0, 2)
    """
    if len(shape) < 3:
        return None
    single = next((axis for axis in (0, len(shape) - 1) if shape[axis] == 1), None)
    coloured = len(shape) == 3 and shape[-1] == 3 < min(shape[:-1])
    return 2 if coloured and single is None else single


def channels_first(values: np.ndarray, channels: int | None) -> np.ndarray:
    """Return an array [c, *space] in native byte order; a memory map stays one.

    Raises:
        UnreadableError: The array is empty, has more than three axes of space, or does not hold numbers.
    """
    if values.dtype.kind not in "biuf":
        raise UnreadableError(f"its values have the type {values.dtype}, which is not a real number")
    if values.dtype.itemsize > 8 or 0 in values.shape:
        raise UnreadableError(f"its array is {show(values.shape)} of {values.dtype}")
    values = values[None] if channels is None else np.moveaxis(values, channels, 0)
    if not 2 <= values.ndim <= 4:
        raise UnreadableError(
            f"its array {show(values.shape)} is not one to three axes of space and one of channels"
        )
    if values.dtype == bool:
        return values.astype(np.uint8)
    if values.dtype == np.float16:
        return values.astype(np.float32)
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


def needs(package: str, form: str) -> None:
    """Refuse a file whose reader is not installed.

    Raises:
        UsageError: The package is missing; the message says how to install it.
    """
    if find_spec(package) is None:
        raise UsageError(f"{form} files need {package}: pip install netwright[volumes]")
