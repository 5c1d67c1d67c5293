"""The strips or tiles of a TIFF file, each decoded when a part of it is asked for.

Only what tifffile decodes by itself is read so: values that are not compressed, or compressed by Deflate,
LZMA or PackBits, also with horizontal differences.
"""

import struct
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from itertools import product
from math import ceil, prod
from pathlib import Path
from typing import Any

import numpy as np

from netwright.errors import UnreadableError

CODECS = frozenset({1, 8, 32773, 32946, 34925})  # none, Adobe Deflate, PackBits, Deflate, LZMA
PREDICTORS = frozenset({1, 2})  # none, horizontal differences
BROKEN = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, NotImplementedError,
    OSError, RuntimeError, SyntaxError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow, tifffile and its codecs raise for damaged files."""
PLACES = {"Z": 1, "Y": 2, "X": 3}
"""Where an axis of a page stands among planes of samples, depth, length, width and samples of a pixel."""

Slices = tuple[slice, ...]


class Segments:
    """An array [*pages, *page] of a TIFF file, of which any window can be read.

    Args:
        path: The file.
        series: Its series, as tifffile describes it, while the file is open; `decodable` holds for it.

    `cache` is how many bytes of decoded segments are kept for the next window; none at first.
    """

    def __init__(self, path: Path, series: Any):
        self.path, self.shape, self.dtype = path, tuple(series.shape), np.dtype(series.dtype)
        page = self.page = series.keyframe
        self.lead = self.shape[: len(self.shape) - len(page.shape)]
        self.places = [PLACES.get(letter, 0 if page.planarconfig == 2 else 4) for letter in page.axes]
        self.sides = page.shaped
        own = (page.tiledepth, page.tilelength, page.tilewidth) if page.is_tiled else (1, page.rowsperstrip)
        sizes = (1, *own, *page.shaped[len(own) + 1 :])
        self.sizes = tuple(max(1, min(size, side)) for size, side in zip(sizes, page.shaped, strict=True))
        self.segments = [(each.dataoffsets, each.databytecounts) for each in series.pages]
        self.cache = 0
        self._kept: OrderedDict[tuple[int, int], np.ndarray] = OrderedDict()

    def band(self, pages: int, height: int) -> int:
        """Return the bytes of all segments that the rows of windows of `height` rows run through, at most."""
        rows = self.sizes[2] * (ceil(height / self.sizes[2]) + 1)
        positions = self.sizes[1] * min(rows, self.sides[2]) * prod(self.sides[3:]) * self.sides[0]
        return pages * positions * self.dtype.itemsize

    def __getitem__(self, index: Any) -> np.ndarray:
        """Return a part; as in NumPy, an integer takes its axis away.

        Raises:
            UnreadableError: A segment is damaged.
        """
        given = index if isinstance(index, tuple) else (index,)
        given = () if given == (...,) else given
        given = (*given, *(slice(None),) * (len(self.shape) - len(given)))
        window = tuple(
            slice(each, each + 1) if isinstance(each, int) else slice(*each.indices(side)[:2])
            for each, side in zip(given, self.shape, strict=True)
        )
        result = np.empty([part.stop - part.start for part in window], self.dtype)
        try:
            self._fill(result, window)
        except BROKEN as error:
            raise UnreadableError(f"it is damaged: {str(error).rstrip('.')}") from error
        return result[tuple(0 if isinstance(each, int) else slice(None) for each in given)]

    def _fill(self, result: np.ndarray, window: Slices) -> None:
        lead, within = window[: len(self.lead)], window[len(self.lead) :]
        part = [slice(0, side) for side in self.sides]
        for place, each in zip(self.places, within, strict=True):
            part[place] = each
        order = sorted(range(len(within)), key=self.places.__getitem__)
        with self.path.open("rb") as file:
            for page in product(*(range(each.start, each.stop) for each in lead)):
                number = int(np.ravel_multi_index(page, self.lead)) if page else 0
                target = result[tuple(k - each.start for k, each in zip(page, lead, strict=True))]
                room = target.transpose(order).reshape([each.stop - each.start for each in part])
                assert np.shares_memory(room, target) or not room.size
                self._page(file, number, room, part)

    def _page(self, file: Any, number: int, room: np.ndarray, part: list[slice]) -> None:
        for index, low in self._touched(part):
            values = self._decoded(file, number, index)
            target, source = [], []
            for axis, (start, each) in enumerate(zip(low, part, strict=True)):
                size = 1 if axis == 0 else values.shape[axis - 1]
                first, stop = max(start, each.start), min(start + size, each.stop)
                target.append(slice(first - each.start, stop - each.start))
                source.append(slice(first - start, stop - start))
            room[tuple(target)] = values[None][tuple(source)]

    def _touched(self, part: list[slice]) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield the number and the place of every segment that a part of a page touches."""
        counts = [ceil(side / size) for side, size in zip(self.sides, self.sizes, strict=True)]
        ranges = [
            range(each.start // size, ceil(each.stop / size))
            for each, size in zip(part, self.sizes, strict=True)
        ]
        for place in product(*ranges):
            number = int(np.ravel_multi_index(place, counts))
            yield number, tuple(k * size for k, size in zip(place, self.sizes, strict=True))

    def _decoded(self, file: Any, number: int, index: int) -> np.ndarray:
        """Return a segment [depth, length, width, samples]."""
        if (number, index) in self._kept:
            self._kept.move_to_end((number, index))
            return self._kept[number, index]
        offsets, counts = self.segments[number]
        file.seek(offsets[index])
        data = file.read(counts[index]) if counts[index] else None
        values, _, shape = self.page.decode(data, index)
        if values is None:
            values = np.full(shape, self.page.nodata, self.dtype)
        values = values.astype(self.dtype, copy=False)
        if self.cache:
            self._kept[number, index] = values
            while len(self._kept) > 1 and sum(each.nbytes for each in self._kept.values()) > self.cache:
                self._kept.popitem(last=False)
        return values


def decodable(series: Any) -> bool:
    """Return whether a series of tifffile consists of pages of one form that it decodes by itself."""
    page = series.keyframe
    axes = page.axes.replace("S", "")
    return (
        page.compression in CODECS
        and page.predictor in PREDICTORS
        and axes in ("YX", "ZYX", "X", "Y")
        and len(page.axes) == len(page.shape)
        and page.bitspersample in (8, 16, 32, 64)
        and series.shape[len(series.shape) - len(page.shape) :] == page.shape
        and prod(series.shape[: len(series.shape) - len(page.shape)]) == len(series.pages)
        and all(each is not None and each.shape == page.shape for each in series.pages)
    )
