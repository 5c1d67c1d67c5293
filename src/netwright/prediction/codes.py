"""The class indices of a map while they are computed, tile by tile."""

from collections.abc import Callable, Iterator
from math import ceil, floor, prod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netwright.arithmetic.grid import Axis, Grid
from netwright.data.kinds import IGNORE, Kind
from netwright.data.readers.segments import Segments
from netwright.data.view import PageView, View
from netwright.errors import UnreadableError
from netwright.prediction.predictor import Predictor
from netwright.prediction.tiling import Tiling, budget, tiling
from netwright.training.tiles import Tile, read

Values = NDArray[Any]
Slices = tuple[slice, ...]

MAPPED = 2**26
"""A map of more bytes is kept in a file while it is made."""
PART = 8
"""So is one of more than this part of the memory that is allowed."""
PICTURE = 2**22
"""The most positions that are kept for drawing."""


class Codes:
    """What is computed for one input: a code is a class index, and `nothing` where there is no class.

    Args:
        predictor: The network.
        classes: The number of classes.
        image: The input, or a stack of inputs.
        memory: The bytes that the input, the map and the pass over a tile may take.

    Attributes:
        space: The shape of the map; `pages` are the axes that the network does not read.
        plan: The tiles of a page.
        mapped: Whether the map is kept in a file while it is made.
        picture: The input [c, *space] at each position that is a multiple of `step` along each axis, with the
            range of the training as 0..1.
    """

    def __init__(self, predictor: Predictor, classes: int, image: View, memory: int | None):
        self.predictor, self.image, self.nothing = predictor, image, classes
        self.space = image.shape[1:]
        stacked = len(image.shape) - len(predictor.input)
        self.pages, self.sides = self.space[:stacked], self.space[stacked:]
        self.dtype = np.dtype(np.uint8 if classes < 256 else np.int32)
        size = prod(self.space) * self.dtype.itemsize
        self.mapped = size > (MAPPED if memory is None else min(MAPPED, memory // PART))
        held = image.held + (0 if self.mapped else size)
        self.plan = self._planned(budget(memory, held, predictor.units.device.type))
        self.step = max(1, ceil((prod(self.space) / PICTURE) ** (1 / len(self.space))))
        self.picture = torch.zeros(image.shape[0], *(-(-side // self.step) for side in self.space))

    def _planned(self, most: int) -> Tiling:
        """Return the plan; a quarter of the memory keeps the segments of a file that several tiles share."""
        shared = isinstance(self.image.array, Segments)
        shape = (self.image.shape[0], *self.sides)
        plan = tiling(self.predictor, shape, self.image.dtype, most - most // 4 * shared)
        self.image.keep((1,) * len(self.pages) + plan.tiles.shape, most // 4)
        return plan

    def fill(self, codes: Values, progress: Callable[[int, int], None]) -> None:
        """Write the codes of the whole map into an array of zeros.

        Raises:
            UnreadableError: The input is damaged, or it holds values that are not finite.
        """
        plan = self.plan.tiles
        total = len(plan) * prod(self.pages)
        axes = list(zip(plan.grid.axes, self.sides, strict=True))
        covered = (owned(axis, slice(0, axis.size), side)[0] for axis, side in axes)
        if tuple(covered) != tuple(slice(0, side) for side in self.sides):
            codes[...] = self.nothing
        progress(0, total)
        for done, (place, part) in enumerate(self._parts(axes), 1):
            codes[place] = part
            progress(done, total)

    def _parts(self, axes: list[tuple[Axis, int]]) -> Iterator[tuple[Slices, Values]]:
        """Yield the codes that come from each tile of each page, and where they belong."""
        for number in range(prod(self.pages)):
            image = PageView(self.image, number) if self.pages else self.image
            lead = (slice(number, number + 1),) * len(self.pages)
            for tile in self.plan.tiles:
                pairs = zip(axes, tile.place, strict=True)
                place, local = zip(*(owned(axis, part, side) for (axis, side), part in pairs), strict=True)
                stored = read(image, tile.window)
                if stored.is_floating_point() and not stored.isfinite().all():
                    raise UnreadableError("it holds values that are not finite (NaN or infinity)")
                output = self.predictor(self.predictor.prepare(stored[None]))
                self._sample(stored, tile, place, number)
                yield (*lead, *place), self._decoded(tile.part(output), Grid(local))

    def _decoded(self, output: Tensor, grid: Grid) -> Values:
        mask = self.predictor.task.decode(output, None if grid.identity else grid)[Kind.MASK]
        assert isinstance(mask, Tensor)
        codes = mask.to(torch.uint8 if self.nothing < 256 else torch.int32).cpu().numpy()
        if not grid.identity:
            codes[mask.cpu().numpy() == IGNORE] = self.nothing
        return codes if self.pages else codes[0]

    def _sample(self, stored: Tensor, tile: Tile, place: Slices, number: int) -> None:
        """Keep what is drawn of a tile."""
        if number % self.step:
            return
        source, target = [slice(None)], [slice(None)]
        for window, own in zip(tile.window, place, strict=True):
            first = -(-max(own.start, window.start) // self.step)
            stop = -(-min(own.stop, window.stop) // self.step)
            target.append(slice(first, stop))
            start = first * self.step - window.start
            source.append(slice(start, max(start, stop * self.step - window.start), self.step))
        values = self.predictor.units(stored[tuple(source)])
        picture = self.picture[:, number // self.step] if self.pages else self.picture
        picture[tuple(target)] = values / 255 if values.dtype == torch.uint8 else values

    def indices(self, codes: Values) -> Values:
        """Return codes as class indices, `IGNORE` where there is no class."""
        indices = codes.astype(np.int16 if self.nothing < 256 else np.int32)
        indices[indices == self.nothing] = IGNORE
        return indices


def owned(axis: Axis, place: slice, side: int) -> tuple[slice, Axis]:
    """Return the pixels that are nearest to some positions of the output, and these positions among them.

    >>> from fractions import Fraction
    >>> owned(Axis(Fraction(4), Fraction(3, 2), size=3, input=12), slice(1, 3), 12)[0]
    slice(4, 12, None)
    """
    half = axis.stride / 2
    low = floor(axis.offset + axis.stride * place.start - half) + 1
    high = floor(axis.offset + axis.stride * (place.stop - 1) + half) + 1
    low, high = max(0, low), min(side, high)
    offset = axis.offset + axis.stride * place.start - low
    return slice(low, high), Axis(axis.stride, offset, place.stop - place.start, high - low)
