"""Batches of windows, cut from examples that differ in size or do not fit into memory.

Only the windows are read, so that examples may be memory maps of any size. Which windows make which batch is
a function of seed and epoch, so that no state has to be stored.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from math import prod

import torch
from torch import Tensor, nn

from netwright.data.augment import Augment
from netwright.data.examples import Data, Split
from netwright.data.kinds import IGNORE, Kind, Targets, class_indices
from netwright.data.positions import positions
from netwright.errors import DataError, SpecError
from netwright.receptive.grid import grid
from netwright.training.tiles import Tile, tiles
from netwright.training.units import Batch, Units
from netwright.training.windows import Windows

Shape = tuple[int, ...]

EASE = 4
"""A tile of an evaluation, which keeps no activations, has the positions of so many batches of windows."""


@dataclass(frozen=True)
class Part:
    """A window of an example that is evaluated, and the share of the example's output that it yields."""

    window: tuple[slice, ...]
    weight: float
    tile: Tile | None = None


class Patches:
    """Trains on windows of the size `patch`, and evaluates whole examples, by tiles where they are larger.

    It has the methods of `Loader`.

    Args:
        data: The data; its inputs and dense targets may be sequences of tensors and memory maps.
        augment: Applied to every batch of windows.
        patch: Size of a window; an example that is smaller is padded with the mean colour, its mask with
            `IGNORE`.
        batch: Windows of a step, over all processes.
        units: How stored values become inputs, and where to.
        net: The network, whose receptive field decides about the tiles.
        share: (rank, processes): each process takes every n-th window of every batch.
    """

    def __init__(
        self,
        data: Data,
        augment: Augment,
        *,
        patch: Shape,
        batch: int,
        units: Units,
        net: nn.Module,
        share: tuple[int, int] = (0, 1),
    ):
        self.splits = {"train": data.train, "valid": data.valid, "test": data.test}
        self.augment, self.patch, self.units, self.net = augment, patch, units, net
        self.cut = Cut(data)
        known = positions(data) if Kind.MASK in data.kinds else None
        self.windows = Windows([shape[1:] for shape in data.train.shapes], patch, batch, known)
        self.largest = tuple(round(side * (EASE * batch) ** (1 / len(patch))) for side in patch)
        self.parts = cache(self._parts)
        self.spatial = grid(net, (data.channels, *patch)) is not None
        self.rank, self.world = share

    @property
    def batches(self) -> int:
        """Steps of one epoch."""
        return self.windows.batches

    @property
    def share(self) -> int:
        """Windows of a training batch that this process takes."""
        return self.windows.batch // self.world

    def train(self, seed: int, epoch: int, skip: int = 0) -> Iterator[tuple[Tensor, Targets]]:
        """Yield the augmented, normalised batches of `epoch` after the first `skip`."""
        mine = slice(self.rank, self.share * self.world, self.world)
        for examples, starts in self.windows.epoch(seed, epoch)[skip:]:
            stored, targets = self.cut(self.splits["train"], examples[mine], starts[mine], self.patch)
            inputs, moved = self.augment(self._placed(stored), self._on_device(targets))
            yield self.units.normalised(inputs), moved

    def evaluate(self, name: str) -> Iterator[Batch]:
        """Yield every example of a split once, whole or by tiles, normalised and not augmented."""
        split = self.splits[name]
        mine = range(self.rank, len(split), self.world)
        for shape, alike in groupby(mine, lambda number: self._framed(split.inputs[number])):
            numbers, parts = list(alike), self.parts(shape)
            many = max(1, prod(self.largest) // prod(shape[1:])) if len(parts) == 1 else 1
            for start in range(0, len(numbers), many):
                for part in parts:
                    yield self._batch(split, numbers[start : start + many], part)

    def _framed(self, example: Tensor) -> Shape:
        """Return the shape of an example, padded to the size of a window at least."""
        channels, *sides = example.shape
        return (channels, *map(max, sides, self.patch))

    def _parts(self, shape: Shape) -> list[Part]:
        """Return what is evaluated of an example: its tiles, or its centre for an output without space."""
        if not self.spatial:
            starts = [(side - size) // 2 for side, size in zip(shape[1:], self.patch, strict=True)]
            window = tuple(slice(start, start + size) for start, size in zip(starts, self.patch, strict=True))
            return [Part(window, 1.0)]
        try:
            plan = tiles(self.net, shape, self.largest)
        except SpecError:  # the network reads some sizes only, and that of the windows is one of them
            plan = tiles(self.net, shape, self.patch, fixed=True)
        whole = prod(plan.grid.output)
        return [Part(tile.window, prod(tile.grid.output) / whole, tile) for tile in plan]

    def _batch(self, split: Split, numbers: list[int], part: Part) -> Batch:
        corner = torch.tensor([[axis.start for axis in part.window]]).expand(len(numbers), -1)
        size = tuple(axis.stop - axis.start for axis in part.window)
        stored, targets = self.cut(split, torch.tensor(numbers), corner, size)
        inputs = self.units.normalised(self._placed(stored))
        return Batch(inputs, self._on_device(targets), numbers, part.weight * len(numbers), part.tile)

    def _placed(self, stored: Tensor) -> Tensor:
        return self.units(stored).to(self.units.device, non_blocking=True)

    def _on_device(self, targets: dict[Kind, Tensor]) -> dict[Kind, Tensor]:
        return {kind: target.to(self.units.device, non_blocking=True) for kind, target in targets.items()}


class Cut:
    """Cuts windows out of inputs and targets; a window that reaches outside is padded.

    Outside of an image is the mean colour, outside of a mask `IGNORE`, and outside of a map of instances the
    background. Points count from the window, and those outside of it are missing.
    """

    def __init__(self, data: Data):
        low, high = data.range
        self.colour = torch.tensor(data.mean, dtype=torch.float64) * (high - low) + low
        self.values, self.ignore = data.values, data.ignore

    def __call__(
        self, split: Split, examples: Tensor, starts: Tensor, size: Shape
    ) -> tuple[Tensor, dict[Kind, Tensor]]:
        """Return stored inputs [b, c, *size] and targets.

        Args:
            split: Where to cut.
            examples: Numbers of the examples [b].
            starts: First position of each window along each axis [b, dims].
            size: Size of the windows.
        """
        targets: dict[Kind, Tensor] = {}
        numbers, corners = examples.tolist(), starts.tolist()
        for kind, stack in split.targets.items():
            chosen = [stack[number] for number in numbers]
            if kind == Kind.MASK:
                targets[kind] = self._mask(chosen, corners, size)
            elif kind == Kind.INSTANCES:
                targets[kind] = _filled(chosen, corners, size, 0)
            elif kind == Kind.IMAGE:
                targets[kind] = self._image(chosen, corners, size)
            elif kind == Kind.POINTS:
                targets[kind] = _points(torch.stack(chosen), starts, size)
            elif kind.spatial:
                raise DataError(
                    f"targets of the kind {kind} cannot be cut into windows; train on whole inputs."
                )
            else:
                targets[kind] = torch.stack([torch.as_tensor(value) for value in chosen])
        return self._image([split.inputs[number] for number in numbers], corners, size), targets

    def _image(self, images: list[Tensor], corners: list[list[int]], size: Shape) -> Tensor:
        colour = self.colour if images[0].is_floating_point() else self.colour.round()
        outside = colour.to(images[0].dtype).reshape(-1, *(1 for _ in size))
        return _filled(images, corners, size, outside)

    def _mask(self, masks: list[Tensor], corners: list[list[int]], size: Shape) -> Tensor:
        result = torch.full((len(masks), *size), IGNORE)
        for mask, corner, target in zip(masks, corners, result, strict=True):
            source, place = _overlap(mask, corner, target)
            place.copy_(class_indices(source, self.values, self.ignore))
        return result


def _filled(arrays: list[Tensor], corners: list[list[int]], size: Shape, outside: Tensor | int) -> Tensor:
    """Return windows of arrays [..., *space] as one tensor, with the value `outside` around them."""
    lead = arrays[0].shape[: arrays[0].ndim - len(size)]
    result = torch.empty(len(arrays), *lead, *size, dtype=arrays[0].dtype)
    for array, corner, target in zip(arrays, corners, result, strict=True):
        source, place = _overlap(array, corner, target)
        if source.shape != target.shape:
            target[:] = outside
        place.copy_(source)
    return result


def _overlap(array: Tensor, corner: Sequence[int], target: Tensor) -> tuple[Tensor, Tensor]:
    """Return what a window that begins at `corner` shows of an array, and where in `target` that belongs."""
    for axis, start in enumerate(corner, array.ndim - len(corner)):
        low, high = max(0, start), min(array.shape[axis], start + target.shape[axis])
        array = array.narrow(axis, low, high - low)
        target = target.narrow(axis, low - start, high - low)
    return array, target


def _points(points: Tensor, starts: Tensor, size: Shape) -> Tensor:
    moved = points - starts[:, None].to(points.dtype)
    inside = ((moved >= 0) & (moved <= torch.tensor(size))).all(-1, keepdim=True)
    return torch.where(inside, moved, torch.nan)
