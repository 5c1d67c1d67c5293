"""Pictures of chosen examples of a split, whole even where they were evaluated by tiles."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from netwright.arithmetic.grid import Grid
from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind, Stack, Targets
from netwright.training.loader import Loader
from netwright.training.loop import Evaluation
from netwright.training.patches import Patches
from netwright.training.pictures import of_one, visible
from netwright.training.units import Batch

LARGEST = 1 << 26
"""Of an example whose output has more values than these, only the tile with the highest loss is drawn."""


class Example(NamedTuple):
    """A drawn example.

    Args:
        number: Its number in the split.
        picture: What the task draws, uint8 [3, h, w].
        predicted: Its predicted targets, without the batch.
        true: Its true targets.
        part: Whether only a tile of it is drawn.
    """

    number: int
    picture: Tensor
    predicted: Targets
    true: Targets
    part: bool


class Drawing:
    """Draws examples of a split, one at a time.

    Args:
        evaluation: The network and the loader.
        data: The data, which says how its inputs are normalised.
        part: The split.
    """

    def __init__(self, evaluation: Evaluation, data: Data, part: str):
        self.evaluation, self.data, self.part = evaluation, data, part
        self.split = evaluation.loader.splits[part]

    @torch.no_grad()
    def __call__(self, number: int) -> Example:
        """Return an example, drawn by the task."""
        alone = self._alone(number)
        batches = alone.loader.evaluate(self.part)
        first = next(iter(batches))
        whole = first
        if first.tile is None:
            output, grid = alone.output(first)
        elif isinstance(alone.loader, Patches) and self._values(alone, first) <= LARGEST:
            output, grid = _joined(alone, self.part)
            whole = _uncut(alone.loader, self.part)
        else:
            whole = _worst(alone, self.part)
            output, grid = alone.output(whole)
        task = self.evaluation.task
        predicted = of_one(task.decode(output, grid), 0)
        true, image = of_one(whole.targets, 0), visible(whole.inputs[0], self.data)
        if whole.tile is None:
            sides = self.split.inputs[number].shape[1:]
            image, predicted, true = _corner(image, sides), _cropped(predicted, sides), _cropped(true, sides)
        return Example(number, task.draw(image, predicted, true), predicted, true, whole.tile is not None)

    def _alone(self, number: int) -> Evaluation:
        """Return the evaluation of a split of this one example, by this process."""
        loader: Loader | Patches = copy(self.evaluation.loader)
        loader.splits = {**loader.splits, self.part: _single(self.split, number)}
        loader.rank, loader.world = 0, 1
        return replace(self.evaluation, loader=loader)

    def _values(self, alone: Evaluation, batch: Batch) -> float:
        """Return how many values the output for the whole example has."""
        return alone.output(batch)[0].numel() / batch.weight


def _joined(alone: Evaluation, part: str) -> tuple[Tensor, Grid]:
    """Return the output for the whole example on the CPU, put together from its tiles, and its grid."""
    tiles, parts = [], []
    for batch in alone.loader.evaluate(part):
        assert batch.tile is not None
        tiles.append(batch.tile)
        parts.append(alone.output(batch)[0].cpu())
    stops = [max(tile.place[axis].stop for tile in tiles) for axis in range(len(tiles[0].place))]
    whole = parts[0].new_empty(*parts[0].shape[: -len(stops)], *stops)
    for tile, output in zip(tiles, parts, strict=True):
        _at(whole, tile.place).copy_(output)
    sides = [max(tile.window[axis].stop for tile in tiles) for axis in range(len(stops))]
    starts = zip(tiles[0].window, tiles[0].grid.axes, stops, sides, strict=True)
    axes = [
        replace(axis, offset=axis.offset + window.start, size=stop, input=side)
        for window, axis, stop, side in starts
    ]
    return whole, Grid(tuple(axes))


def _uncut(loader: Patches, part: str) -> Batch:
    """Return the one example of a split whole, padded as its tiles are."""
    split = loader.splits[part]
    size = tuple(map(max, split.inputs[0].shape[1:], loader.patch))
    stored, targets = loader.cut(split, torch.tensor([0]), torch.zeros(1, len(size), dtype=torch.int64), size)
    inputs = loader.units.normalised(loader.units(stored).to(loader.units.device))
    return Batch(inputs, targets, [0], 1.0)


def _worst(alone: Evaluation, part: str) -> Batch:
    """Return the tile of the example with the highest loss."""
    losses = [alone.task.loss(output, target).item() for _, output, target in alone.batches(part)]
    worst = losses.index(max(losses))
    return next(batch for number, batch in enumerate(alone.loader.evaluate(part)) if number == worst)


def _single(split: Split, number: int) -> Split:
    def single(stack: Stack) -> Stack:
        return stack[number : number + 1]

    return Split(single(split.inputs), {kind: single(stack) for kind, stack in split.targets.items()})


def _corner(values: Tensor, sides: Sequence[int]) -> Tensor:
    """Return the first positions along the axes of space, which are the last ones."""
    return _at(values, [slice(side) for side in sides])


def _at(values: Tensor, places: Sequence[slice]) -> Tensor:
    """Return a view of the last axes."""
    return values[(slice(None),) * (values.ndim - len(places)) + tuple(places)]


def _cropped(targets: Mapping[Kind, Tensor], sides: Sequence[int]) -> Mapping[Kind, Tensor]:
    """Return targets without the padding of an example that is smaller than a window."""
    return {kind: _corner(target, sides) if kind.dense else target for kind, target in targets.items()}
