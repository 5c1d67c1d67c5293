"""The prediction for one image, volume or series of any size: read, computed and written by tiles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil, floor, prod
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netwright.arithmetic.grid import Axis, Grid
from netwright.data.kinds import IGNORE, Kind
from netwright.data.readers.segments import Segments
from netwright.data.stored import Content
from netwright.data.task import Task
from netwright.data.view import View, view
from netwright.errors import DataError, RunError, UsageError
from netwright.predict import map_file
from netwright.predict.predictor import Predictor
from netwright.predict.suited import outside, unsuited
from netwright.predict.tiling import Tiling, budget, tiling
from netwright.training.tiles import Tile, read

MAPPED = 2**26
"""A map of more bytes is kept in a file while it is made."""
PART = 8
"""So is one of more than this part of the memory that is allowed."""
PICTURE = 2**22
"""The most positions that are kept for drawing."""


@runtime_checkable
class MapTask(Task, Protocol):
    """A task that gives one class for each position."""

    classes: tuple[str, ...]

    def stored(self, mask: NDArray[Any]) -> NDArray[Any]:
        """Return class indices in the user's own values."""


@dataclass(frozen=True, eq=False)
class Mapped:
    """A predicted map, which lies in a file.

    Args:
        path: The file.
        shape: The shape of the map.
        tiles: How many tiles were computed.
        tile: The size of a tile.
        peak: The bytes that a pass over a tile takes, as they were planned.
        inexact: Why the map may differ from that of the whole input, and by how much the margin of the tiles
            falls short; empty where it does not differ, except for rounding.
        notes: What else a user should know.
        shares: The share of the positions that each class has, by name.
        image: The input [c, *space], with the range of the training as 0..1, for drawing.
        mask: The class index of each position [*space], for drawing.
        step: `image` and `mask` hold each position that is a multiple of it along every axis.
    """

    path: Path
    shape: tuple[int, ...]
    tiles: int
    tile: tuple[int, ...]
    peak: int
    inexact: str
    notes: tuple[str, ...]
    shares: Mapping[str, float]
    image: Tensor
    mask: Tensor
    step: int


def predict_map(
    predictor: Predictor,
    source: Content,
    target: Path,
    *,
    memory: int | None = None,
    components: int = 0,
    max_pixels: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Mapped:
    """Predict the map of one file and write it in the user's own class values.

    Args:
        predictor: The network, whose task gives a map.
        source: What to read.
        target: The file of the map: `.png`, `.tif`, `.npy`, `.zarr`, `.nii` or `.nii.gz`. It appears when it
            is complete.
        memory: The bytes that the input, the map and the pass over a tile may take; by default 2 GiB for the
            pass, or half of what is free where that is less.
        components: Connected regions of fewer positions are given the class around them.
        max_pixels: The largest picture that is decoded as a whole; by default the limit of Pillow.
        progress: Called with the number of tiles that are done and of all.

    Raises:
        UnreadableError: The source is damaged; the message says why, without its name.
        DataError: The source does not fit the network, or the format of the target cannot hold the map.
        DesignError: The memory does not suffice.
        RunError: The task of the run gives no map.
    """
    task = _mapping(predictor.task)
    image = view(source, len(predictor.input) - 1, max_pixels=max_pixels)
    if reason := _unlike(image, predictor):
        raise DataError(f"{reason}.")
    made = _Making(predictor, task, image, memory)
    target.parent.mkdir(parents=True, exist_ok=True)
    with map_file.scratch(target.parent, made.space, made.dtype, mapped=made.mapped) as codes:
        made.fill(codes, progress or _silent)
        if components > 1:
            raise UsageError(f"`components` (={components}) is not supported yet.")
        map_file.write(made.stored(codes), made.space, target, image.affine)
        return made.result(codes, target)


def predict_array(
    predictor: Predictor, values: NDArray[Any], *, memory: int | None = None
) -> tuple[Tensor, tuple[str, ...]]:
    """Return the class index of each position of an array, int64 [*space], and what a user should know of it.

    Args:
        predictor: The network, whose task gives a map.
        values: Stored values [c, *space].
        memory: The bytes that the array, the map and the pass over a tile may take.

    Raises:
        DesignError: The memory does not suffice.
        RunError: The task of the run gives no map.
    """
    made = _Making(predictor, _mapping(predictor.task), View(values, 0), memory)
    codes = np.zeros(made.space, made.dtype)
    made.fill(codes, _silent)
    plan = made.plan
    said = (*((f"inexact: {plan.inexact}",) if plan.inexact else ()), *plan.notes)
    return torch.from_numpy(made._indices(codes)).long(), said


def _mapping(task: Task) -> MapTask:
    if Kind.MASK not in task.needs.values() or not isinstance(task, MapTask):
        raise RunError(f"{task.name} gives no class for each position, so there is no map to predict.")
    return task


def _unlike(image: View, predictor: Predictor) -> str:
    """Return why a file is not of the kind of the training; of one that is read in parts the type tells."""
    dtype = np.dtype(str(image.dtype).removeprefix("torch."))
    reason = unsuited(image.shape, dtype, predictor.input, predictor.range)
    return reason or (outside(np.asarray(image.array), predictor.range) if image.held else "")


def _silent(done: int, total: int) -> None:
    """Show nothing."""


class _Making:
    """One map while it is made: codes are class indices, and the number of classes where there is none."""

    def __init__(self, predictor: Predictor, task: MapTask, image: View, memory: int | None):
        self.predictor, self.task, self.image = predictor, task, image
        self.space, self.nothing = image.shape[1:], len(task.classes)
        self.dtype = np.dtype(np.uint8 if self.nothing < 256 else np.int32)
        size = prod(self.space) * self.dtype.itemsize
        self.mapped = size > (MAPPED if memory is None else min(MAPPED, memory // PART))
        held = image.held + (0 if self.mapped else size)
        most = budget(memory, held, predictor.units.device.type)
        self.plan = self._planned(most)
        self.step = max(1, ceil((prod(self.space) / PICTURE) ** (1 / len(self.space))))
        self.picture = torch.zeros(image.shape[0], *(-(-side // self.step) for side in self.space))

    def _planned(self, most: int) -> Tiling:
        """Return the plan; a quarter of the memory keeps the segments of a file that several tiles share."""
        shared = isinstance(self.image.array, Segments)
        plan = tiling(self.predictor, self.image.shape, self.image.dtype, most - most // 4 * shared)
        self.image.keep(plan.tiles.shape, most // 4)
        return plan

    def fill(self, codes: NDArray[Any], progress: Callable[[int, int], None]) -> None:
        """Compute the codes, tile by tile."""
        plan = self.plan.tiles
        pieces = list(zip(plan.grid.axes, self.space, strict=True))
        ends = [(_owned(axis, slice(0, axis.size), side)[0], side) for axis, side in pieces]
        if any((own.start, own.stop) != (0, side) for own, side in ends):
            codes[...] = self.nothing
        progress(0, len(plan))
        for done, tile in enumerate(plan, 1):
            owned = [
                _owned(axis, place, side) for (axis, side), place in zip(pieces, tile.place, strict=True)
            ]
            stored = read(self.image, tile.window)
            output = self.predictor(self.predictor.prepare(stored[None]))
            place = tuple(part for part, _ in owned)
            codes[place] = self._decoded(tile.part(output), Grid(tuple(axis for _, axis in owned)))
            self._sample(stored, tile, place)
            progress(done, len(plan))

    def _decoded(self, output: Tensor, grid: Grid) -> NDArray[Any]:
        mask = self.task.decode(output, None if grid.identity else grid)[Kind.MASK][0]
        codes = mask.to(torch.uint8 if self.nothing < 256 else torch.int32).cpu().numpy()
        if grid.identity:
            return codes
        return np.where(mask.cpu().numpy() == IGNORE, self.nothing, codes)

    def _sample(self, stored: Tensor, tile: Tile, place: tuple[slice, ...]) -> None:
        """Keep what is drawn of a tile."""
        source, target = [slice(None)], [slice(None)]
        for window, own in zip(tile.window, place, strict=True):
            first = -(-max(own.start, window.start) // self.step)
            stop = -(-min(own.stop, window.stop) // self.step)
            target.append(slice(first, stop))
            start = first * self.step - window.start
            source.append(slice(start, max(start, stop * self.step - window.start), self.step))
        values = self.predictor.units(stored[tuple(source)])
        self.picture[tuple(target)] = values / 255 if values.dtype == torch.uint8 else values

    def stored(self, codes: NDArray[Any]) -> map_file.Block:
        """Return what gives parts of the map in the user's own values."""

        def block(part: tuple[slice, ...]) -> NDArray[Any]:
            return self.task.stored(self._indices(codes[part]))

        return block

    def _indices(self, codes: NDArray[Any]) -> NDArray[Any]:
        indices = codes.astype(np.int16 if self.nothing < 256 else np.int32)
        indices[indices == self.nothing] = IGNORE
        return indices

    def result(self, codes: NDArray[Any], path: Path) -> Mapped:
        """Return what is said of the map."""
        sizes = np.zeros(self.nothing + 1, np.int64)
        for part in map_file.blocks(self.space):
            sizes += np.bincount(codes[part].ravel(), minlength=self.nothing + 1)
        shares = sizes / prod(self.space)
        mask = self._indices(np.asarray(codes[tuple(slice(None, None, self.step) for _ in self.space)]))
        plan = self.plan
        return Mapped(
            path,
            self.space,
            len(plan.tiles),
            plan.tiles.shape,
            plan.peak,
            plan.inexact,
            plan.notes,
            dict(zip(self.task.classes, shares.tolist(), strict=False)),
            self.picture,
            torch.from_numpy(mask).long(),
            self.step,
        )


def _owned(axis: Axis, place: slice, side: int) -> tuple[slice, Axis]:
    """Return the pixels that are nearest to some positions of the output, and these positions among them.

    >>> from fractions import Fraction
    >>> _owned(Axis(Fraction(4), Fraction(3, 2), size=3, input=12), slice(1, 3), 12)[0]
    slice(4, 12, None)
    """
    half = axis.stride / 2
    low = floor(axis.offset + axis.stride * place.start - half) + 1
    high = floor(axis.offset + axis.stride * (place.stop - 1) + half) + 1
    low, high = max(0, low), min(side, high)
    offset = axis.offset + axis.stride * place.start - low
    return slice(low, high), Axis(axis.stride, offset, place.stop - place.start, high - low)
