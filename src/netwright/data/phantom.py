"""Synthetic images painted from their own labels, so that labels and images can be compared later."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from netwright.data.kinds import IGNORE, Kind

LEVELS = ((0.3, 0.7), (0.85, 0.15))
"""Background and foreground of the first and of the second image; no fill is near those of both."""

SIDE = {1: 96, 2: 32, 3: 24}
"""The least side of a synthetic image by dimensions; that of a smaller input is too small for objects."""
COMFORT = {1: (96, 4096), 2: (128, 128), 3: (32, 48)}
"""Sides that show enough and take little time, for augmentations that work at any size."""
EXAMPLES = 2
CELLS = {1: 6, 2: 3, 3: 2}  # along each axis, by dimensions
RADIUS = 2.5  # of dots, in pixels
POINTS = 4

LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


@dataclass(frozen=True, eq=False)
class Phantom:
    """Images [b, c, *space] in the type of the data, and their targets by kind.

    `subject` is the kind from which the images are painted; the other kinds are there because an augmentation
    of (inputs, targets) may expect them.
    """

    subject: Kind
    inputs: Tensor
    targets: Mapping[Kind, Any]

    def paint(self, targets: Mapping[Kind, Any]) -> Float[Tensor, "b c *space"]:
        """Return images painted again from targets, in 0..1."""
        return painted(self.subject, targets[self.subject], tuple(self.inputs.shape[1:]))


def phantom(subject: Kind, kinds: Collection[Kind], input: tuple[int, ...], dtype: torch.dtype) -> Phantom:
    """Return synthetic images for inputs of that shape, painted from the targets of the kind `subject`."""
    channels, *sides = input
    shape = tuple(max(side, SIDE[len(sides)]) for side in sides)
    targets = {kind: _target(kind, channels, shape, dtype) for kind in kinds}
    inputs = painted(subject, targets[subject], (channels, *shape))
    return Phantom(subject, _stored(inputs, dtype), targets)


def comfortable(input: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of an input with sides that show enough and take little time.

    >>> comfortable((3, 8, 572))
    (3, 128, 128)
    """
    channels, *sides = input
    least, most = COMFORT[len(sides)]
    return channels, *[min(max(side, least), most) for side in sides]


def levels(channels: int) -> Float[Tensor, "b 2 c"]:
    """Return the colours of background and foreground of each image; neighbouring channels differ."""
    grey = torch.tensor(LEVELS)
    return torch.stack([grey if k % 2 == 0 else grey.flip(1) * 0.9 + 0.05 for k in range(channels)], 2)


def unit(values: Tensor) -> Float[Tensor, "..."]:
    """Return stored values as floats in which the range of the data is 0..1."""
    return values.float() / 255 if values.dtype == torch.uint8 else values.float()


def painted(kind: Kind, target: Any, shape: tuple[int, ...]) -> Float[Tensor, "b c *space"]:
    """Return images [c, *space] of that shape with what a target says; unknown positions are grey."""
    channels, *space = shape
    match kind:
        case Kind.MASK | Kind.INSTANCES:
            cover = torch.where(target == IGNORE, 0.5, target.clamp(0, 1).float())
        case Kind.IMAGE:
            return unit(target)
        case Kind.POINTS:
            cover = torch.stack([_dots(points, space) for points in target])
        case _:
            cover = torch.stack([_filled(boxes, space) for boxes in target])
    background, foreground = (
        colour.reshape(EXAMPLES, channels, *[1] * len(space)) for colour in levels(channels).unbind(1)
    )
    return background + cover[:, None] * (foreground - background)


def _target(kind: Kind, channels: int, shape: tuple[int, ...], dtype: torch.dtype) -> Any:
    match kind:
        case Kind.MASK | Kind.INSTANCES:
            return _blobs(shape)
        case Kind.IMAGE:
            return _stored(painted(Kind.MASK, _blobs(shape), (channels, *shape)), dtype)
        case Kind.POINTS:
            return torch.stack([_scattered(POINTS, shape) for _ in range(EXAMPLES)])
        case Kind.BOXES:
            return [_boxes(shape) for _ in range(EXAMPLES)]
        case _:
            return torch.zeros(EXAMPLES, 1, 8)


def _stored(values: Float[Tensor, "..."], dtype: torch.dtype) -> Tensor:
    return values.mul(255).round().to(dtype) if dtype == torch.uint8 else values.to(dtype)


def _blobs(shape: tuple[int, ...]) -> Tensor:
    """Return maps of two labels with irregular regions about a dozen pixels wide."""
    coarse = torch.randn(EXAMPLES, 1, *[max(3, side // 10) for side in shape])
    smooth = F.interpolate(coarse, shape, mode=LINEAR[len(shape)], align_corners=False)
    return (smooth[:, 0] > 0).long()


def _cells(count: int, shape: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Return the low corners of `count` random cells of a lattice, and the size of one."""
    per_axis = CELLS[len(shape)]
    while per_axis ** len(shape) < count:
        per_axis += 1
    cells = torch.tensor(list(product(range(per_axis), repeat=len(shape))))
    size = torch.tensor(shape) / per_axis
    return cells[torch.randperm(len(cells))[:count]] * size, size


def _scattered(count: int, shape: tuple[int, ...]) -> Float[Tensor, "k d"]:
    """Return points that lie apart from each other and from the border."""
    corners, size = _cells(count, shape)
    room = (size / 2 - RADIUS - 1.5).clamp(min=0)
    return corners + size / 2 + room * (2 * torch.rand(count, len(shape)) - 1)


def _boxes(shape: tuple[int, ...]) -> Float[Tensor, "m w"]:
    """Return three boxes between whole pixels that lie apart from each other, all of class 0."""
    corners, size = _cells(3, shape)
    margin = (size / 5).clamp(min=2)
    low = (corners + margin).ceil() + (torch.rand(corners.shape) * 2).floor()
    high = (corners + size - margin).floor() - (torch.rand(corners.shape) * 2).floor()
    return torch.cat([low, high, torch.zeros(len(low), 1)], 1)


def _distances(points: Float[Tensor, "k d"], shape: Sequence[int]) -> Float[Tensor, "k *space"]:
    centres = torch.stack(torch.meshgrid(*[torch.arange(n) + 0.5 for n in shape], indexing="ij"))
    apart = centres[None] - points.float().reshape(*points.shape, *[1] * len(shape))
    return apart.square().sum(1).sqrt()


def _dots(points: Float[Tensor, "k d"], shape: Sequence[int]) -> Float[Tensor, "*space"]:
    """Return the cover of discs or balls with soft edges around points that are there."""
    here = points[~points.isnan().any(1)]
    if not len(here):
        return torch.zeros(*shape)
    return (RADIUS + 0.5 - _distances(here, shape)).clamp(0, 1).amax(0)


def _filled(boxes: Float[Tensor, "m w"], shape: Sequence[int]) -> Float[Tensor, "*space"]:
    """Return the cover of filled boxes; a pixel that lies partly in one is covered partly."""
    cover = torch.zeros(*shape)
    for box in boxes.float():
        inside = torch.ones(*shape)
        for axis, size in enumerate(shape):
            edge = torch.arange(size)
            share = torch.minimum(edge + 1, box[len(shape) + axis]) - torch.maximum(edge.float(), box[axis])
            inside = inside * share.clamp(0, 1).reshape(-1, *[1] * (len(shape) - 1 - axis))
        cover = torch.maximum(cover, inside)
    return cover
