"""Moves a batch of images and the targets of every kind together, whatever the motion is.

Positions are in pixels, with the edges of pixels at integers and their centres at +0.5, and the coordinate of
the first axis first.
"""

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Protocol

import torch
from jaxtyping import Float, Integer
from torch import Tensor

from netwright.data.kinds import IGNORE, Kind, Targets
from netwright.errors import RecipeError

VISIBLE = 0.3
"""A box is kept if at least this share of its moved outline lies in the image."""


class Motion(Protocol):
    """What was drawn for one batch: how it moves images, maps of labels, and single points."""

    def picture(self, values: Tensor, fill: "Colour") -> Tensor:
        """Return images [b, c, *space] of any type moved, with the colour `fill` for what comes in."""

    def labels(self, values: Integer[Tensor, "b *space"], fill: int) -> Integer[Tensor, "b *space"]:
        """Return maps of labels moved, without new labels other than `fill` for what comes in."""

    def points(self, points: Float[Tensor, "b k d"]) -> Float[Tensor, "b k d"]:
        """Return where points of the images before the motion lie after it; NaN stays NaN."""


class Colour:
    """The colour of what comes in from outside an image: `mean` (per channel, 0..1), or black without it."""

    def __init__(self, mean: Sequence[float] = ()):
        self.floats = torch.tensor([mean or (0.0,)])
        self.bytes = self.floats.mul(255).round().to(torch.uint8)

    def of(self, values: Tensor) -> Tensor:
        """Return the colour as images [b, c, *space] store it, [1, c, 1, ...]; black for other channels."""
        colour = self.bytes if values.dtype == torch.uint8 else self.floats
        if colour.shape[1] not in (1, values.shape[1]):
            colour = torch.zeros_like(colour[:, :1])
        return colour.to(values.device).view(1, -1, *[1] * (values.ndim - 2))


def moved(motion: Motion, inputs: Tensor, targets: Targets, fill: "Colour") -> tuple[Tensor, Targets]:
    """Return a batch of images and its targets after a motion.

    What comes in from outside the image is `IGNORE` in maps, also in maps of objects: it is not known to be
    background. Points that leave the image are missing (NaN). Boxes are those of their moved outline, cut at
    the border of the image, and are dropped where less than `VISIBLE` of them is left.
    """
    changed = {kind: _target(motion, kind, values, inputs, fill) for kind, values in targets.items()}
    return motion.picture(inputs, fill), changed


def _target(motion: Motion, kind: Kind, values, inputs: Tensor, fill: "Colour"):
    shape = inputs.shape[2:]
    match kind:
        case Kind.MASK | Kind.INSTANCES:
            return motion.labels(values, IGNORE)
        case Kind.IMAGE:
            return motion.picture(values, fill)
        case Kind.POINTS:
            return _inside(motion.points(values), shape)
        case Kind.BOXES:
            return boxes(motion, values, shape)
        case Kind.SERIES:
            raise RecipeError("an augmentation that moves its input cannot move targets of kind series.")
        case _:
            return values


def _inside(points: Tensor, shape: Sequence[int]) -> Tensor:
    """Return the points with NaN in place of those outside an image of that shape."""
    outside = (points < 0) | (points > points.new_tensor(shape))
    return points.masked_fill(outside.any(-1, keepdim=True), torch.nan)


def boxes(
    motion: Motion, values: Sequence[Float[Tensor, "m w"]], shape: Sequence[int]
) -> list[Float[Tensor, "m2 w"]]:
    """Return the boxes (lows, highs, class) of the moved outlines, cut at the border of the image."""
    sides = values[0].new_tensor(shape)
    dims, count = len(shape), max(len(each) for each in values)
    padded = values[0].new_zeros(len(values), count, 2 * dims)
    for row, each in zip(padded, values, strict=True):
        row[: len(each)] = each[:, : 2 * dims]
    low, high = padded.unflatten(2, (2, dims)).unbind(2)
    outline = low[:, :, None] + _outline(dims).to(low) * (high - low)[:, :, None]
    around = motion.points(outline.flatten(1, 2)).unflatten(1, outline.shape[1:3])
    low, high = around.amin(2), around.amax(2)
    cut_low, cut_high = (torch.minimum(corner.clamp(min=0), sides) for corner in (low, high))
    kept = (cut_high - cut_low).prod(2) >= VISIBLE * (high - low).prod(2)
    kept &= (cut_high > cut_low).all(2)
    corners = torch.cat([cut_low, cut_high], 2)
    return [
        torch.cat([corners[k, : len(each)], each[:, 2 * dims :]], 1)[kept[k, : len(each)]]
        for k, each in enumerate(values)
    ]


def _outline(dims: int) -> Float[Tensor, "s d"]:
    """Return points on the surface of the unit square or cube, close enough to show how it bends.

    >>> len(_outline(2)), len(_outline(3))
    (128, 866)
    """
    points = {1: 2, 2: 33}.get(dims, 13)
    lattice = product(range(points), repeat=dims)
    surface = [place for place in lattice if prod(k % (points - 1) for k in place) == 0]
    return torch.tensor(surface) / (points - 1)
