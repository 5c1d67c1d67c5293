"""The prediction for one image, volume or series of any size: read, computed and written by tiles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netwright.data.kinds import Kind
from netwright.data.readers.tiff import SUFFIXES as TIFF
from netwright.data.stored import Content
from netwright.data.task import Task
from netwright.data.view import View, kind_of, view
from netwright.errors import DataError, RunError
from netwright.prediction import map_file
from netwright.prediction.codes import Codes
from netwright.prediction.predictor import Predictor
from netwright.prediction.regions import absorb
from netwright.prediction.suited import outside, unsuited


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

    A stack of images gives a stack of maps, where the network reads images.

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
    image = view(source, len(predictor.input) - 1, pages=True, max_pixels=max_pixels)
    if reason := _unlike(image, predictor):
        raise DataError(f"{reason}.")
    made = Codes(predictor, len(task.classes), image, memory)
    target.parent.mkdir(parents=True, exist_ok=True)
    with map_file.scratch(target.parent, made.space, made.dtype, mapped=made.mapped) as codes:
        made.fill(codes, progress or _silent)
        if components > 1:
            absorb(codes, components, made.nothing)
        like = source if isinstance(source, Path) and kind_of(source) in TIFF else None
        map_file.write(
            lambda part: task.stored(made.indices(codes[part])), made.space, target, image.affine, like=like
        )
        return _result(made, task.classes, codes, target)


def predict_array(
    predictor: Predictor, values: NDArray[Any], *, memory: int | None = None, components: int = 0
) -> tuple[Tensor, str, tuple[str, ...]]:
    """Return the class index of each position of an array, int64 [*space], why it is inexact, and notes.

    The last two are those of `Mapped`.

    Args:
        predictor: The network, whose task gives a map.
        values: Stored values [c, *space].
        memory: The bytes that the array, the map and the pass over a tile may take.
        components: As for `predict_map`.

    Raises:
        UnreadableError: It holds values that are not finite.
        DesignError: The memory does not suffice.
        RunError: The task of the run gives no map.
    """
    made = Codes(predictor, len(_mapping(predictor.task).classes), View(values, 0), memory)
    codes = np.zeros(made.space, made.dtype)
    made.fill(codes, _silent)
    if components > 1:
        absorb(codes, components, made.nothing)
    return torch.from_numpy(made.indices(codes)).long(), made.plan.inexact, made.plan.notes


def _mapping(task: Task) -> MapTask:
    if Kind.MASK not in task.needs.values() or not isinstance(task, MapTask):
        raise RunError(f"{task.name} gives no class for each position, so there is no map to predict.")
    return task


def _unlike(image: View, predictor: Predictor) -> str:
    """Return why a file is not of the kind of the training; of one that is read in parts the type tells."""
    dtype = np.dtype(str(image.dtype).removeprefix("torch."))
    stacked = len(image.shape) - len(predictor.input)
    shape = (image.shape[0], *image.shape[1 + stacked :])
    reason = unsuited(shape, dtype, predictor.input, predictor.range)
    return reason or (outside(np.asarray(image.array), predictor.range) if image.held else "")


def _silent(done: int, total: int) -> None:
    """Show nothing."""


def _result(made: Codes, classes: tuple[str, ...], codes: NDArray[Any], path: Path) -> Mapped:
    sizes = np.zeros(made.nothing + 1, np.int64)
    for part in map_file.blocks(made.space):
        sizes += np.bincount(codes[part].ravel(), minlength=made.nothing + 1)
    shares = (sizes / prod(made.space)).tolist()
    reduced = np.asarray(codes[tuple(slice(None, None, made.step) for _ in made.space)])
    return Mapped(
        path,
        made.space,
        len(made.plan.tiles) * prod(made.pages),
        made.plan.tiles.shape,
        made.plan.peak,
        made.plan.inexact,
        made.plan.notes,
        dict(zip(classes, shares[: len(classes)], strict=True)),
        made.picture,
        torch.from_numpy(made.indices(reduced)).long(),
        made.step,
    )
