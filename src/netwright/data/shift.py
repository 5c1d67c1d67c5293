"""Pad-and-crop, mirroring and quarter turns of a whole batch: motions that copy values and compute none.

Cropping and mirroring gather rows of memory instead of single elements, as uint8, a quarter of the bytes of
float32: the speed of training on small images depends on them. Random numbers are drawn on the CPU, from the
global generator of torch, so that a seed gives equal images on every device.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from netwright.data.kinds import Kind, Targets
from netwright.data.motion import Colour, moved
from netwright.errors import RecipeError

Pairs = Sequence[tuple[int, int]]
"""Pairs of named points that a mirror turns into each other, such as the left and the right eye."""


@dataclass(frozen=True, eq=False)
class Shift:
    """Windows of the padded images, of the images' own size; `starts` are their first pixels, by axis."""

    padding: int
    starts: Int[Tensor, "d b"]

    def picture(self, values: Tensor, fill: Colour) -> Tensor:
        """Return the windows of images."""
        return self._window(values, fill.of(values))

    def labels(self, values: Tensor, fill: int) -> Tensor:
        """Return the windows of maps of labels."""
        return self._window(values[:, None], fill)[:, 0]

    def points(self, points: Float[Tensor, "b k d"]) -> Float[Tensor, "b k d"]:
        """Return the positions of points in the windows."""
        return points + (self.padding - self.starts.T[:, None]).to(points)

    def _window(self, values: Tensor, fill: Tensor | int) -> Tensor:
        batch, channels, *shape = values.shape
        padded = self._pad(values, fill)
        firsts = self.starts.view(-1, batch, *[1] * len(shape))
        starts = torch.arange(batch * channels, device=values.device).view(
            batch, channels, *[1] * (len(shape) - 1)
        )
        for axis, size in enumerate(shape[:-1]):
            line = torch.arange(size, device=values.device).view(-1, *[1] * (len(shape) - 2 - axis))
            starts = starts * padded.shape[2 + axis] + firsts[axis] + line
        starts = starts * padded.shape[-1] + firsts[-1]
        runs = padded.view(-1).unfold(0, shape[-1], 1)  # every run of values, as a view without a copy
        return runs.index_select(0, starts.view(-1)).view(values.shape)

    def _pad(self, values: Tensor, fill: Tensor | int) -> Tensor:
        pad, shape = self.padding, values.shape[2:]
        padded = values.new_empty(*values.shape[:2], *[size + 2 * pad for size in shape])
        padded[:] = fill
        inner = padded
        for axis, size in enumerate(shape, start=2):
            inner = inner.narrow(axis, pad, size)
        inner.copy_(values)
        return padded


class Crop:
    """Pads every side and crops back to the size at a random place (He et al. 2015, section 4.2).

    The border has the colour `mean` (per channel, 0..1), rounded to a stored value; normalisation makes zeros
    of it, as in the paper. Without `mean` it is black.
    """

    def __init__(self, padding: int = 4, *, mean: Sequence[float] = ()):
        if not isinstance(padding, int) or padding < 0:
            raise RecipeError(f"`padding` (={padding!r}) of crop must be a number of pixels, such as 4.")
        self.padding = padding
        self.border = Colour(mean)

    def __call__(self, inputs: Tensor, targets: Targets) -> tuple[Tensor, Targets]:
        """Return a batch of new crops, with their targets."""
        starts = torch.randint(2 * self.padding + 1, (inputs.ndim - 2, len(inputs))).to(inputs.device)
        return moved(Shift(self.padding, starts), inputs, targets, self.border)


@dataclass(frozen=True, eq=False)
class Mirror:
    """Mirrors examples along one axis of space, counted from 0; `shape` is the spatial shape."""

    axis: int
    shape: tuple[int, ...]
    mirrored: Bool[Tensor, " b"]

    def picture(self, values: Tensor, fill: Colour | int) -> Tensor:
        """Return the images of which some are mirrored."""
        chosen = torch.arange(len(values)) + len(values) * self.mirrored
        axis = self.axis - len(self.shape)
        return torch.cat([values, values.flip(axis)]).index_select(0, chosen.to(values.device))

    labels = picture

    def points(self, points: Float[Tensor, "b k d"]) -> Float[Tensor, "b k d"]:
        """Return the points, mirrored in the examples that are."""
        here = points.clone()
        here[..., self.axis] = self.shape[self.axis] - here[..., self.axis]
        return torch.where(self.mirrored.to(points.device)[:, None, None], here, points)


class Flip:
    """Mirrors each image with probability `p` along each of `axes` of space; -1 is left to right.

    Each mirror swaps the names of the two points of each of `pairs`. Targets that have points need `pairs`,
    which may be empty.
    """

    def __init__(self, p: float = 0.5, axes: Sequence[int] = (-1,), *, pairs: Pairs | None = None):
        if not 0 <= p <= 1:
            raise RecipeError(f"`p` (={p}) of flip must be a probability, from 0 to 1.")
        if not axes or not all(isinstance(axis, int) for axis in axes):
            raise RecipeError(f"`axes` (={axes!r}) of flip must be numbers of axes, such as (0, 1).")
        self.p, self.axes, self.pairs = p, tuple(axes), pairs

    def __call__(self, inputs: Tensor, targets: Targets) -> tuple[Tensor, Targets]:
        """Return a new batch in which some images are mirrored, with their targets."""
        shape = tuple(inputs.shape[2:])
        if Kind.POINTS in targets and self.pairs is None:
            raise RecipeError(
                "flip needs to know which points are the left and the right of a pair, because a mirror "
                "swaps them; name the pairs, or leave flip out."
            )
        for axis in _axes(self.axes, len(shape), "flip"):
            mirrored = torch.rand(len(inputs)) < self.p
            inputs, targets = moved(Mirror(axis, shape, mirrored), inputs, targets, NOTHING)
            targets = self._renamed(targets, mirrored)
        return inputs, targets

    def _renamed(self, targets: Targets, mirrored: Bool[Tensor, " b"]) -> Targets:
        if not self.pairs or Kind.POINTS not in targets:
            return targets
        points = targets[Kind.POINTS]
        assert isinstance(points, Tensor)
        names = list(range(points.shape[1]))
        for left, right in self.pairs:
            names[left], names[right] = right, left
        swapped = torch.where(mirrored.to(points.device)[:, None, None], points[:, names], points)
        return {**targets, Kind.POINTS: swapped}


@dataclass(frozen=True, eq=False)
class Turn:
    """Turns examples by quarters in the plane of two axes of space, from the first towards the second."""

    axes: tuple[int, int]
    shape: tuple[int, ...]
    quarters: Int[Tensor, " b"]

    def picture(self, values: Tensor, fill: Colour | int) -> Tensor:
        """Return the images turned."""
        dims = [axis - len(self.shape) for axis in self.axes]
        turned = values.clone()
        for quarters in (1, 2, 3):
            chosen = self.quarters == quarters
            turned[chosen] = values[chosen].rot90(quarters, dims)
        return turned

    labels = picture

    def points(self, points: Float[Tensor, "b k d"]) -> Float[Tensor, "b k d"]:
        """Return the points turned."""
        first, second = self.axes
        place = points
        for quarters in (1, 2, 3):
            turned = place.clone()
            turned[..., first] = self.shape[second] - place[..., second]
            turned[..., second] = place[..., first]
            place = torch.where((self.quarters >= quarters)[:, None, None], turned, place)
        return place


class Rotate90:
    """Turns each image by 0 to 3 quarters, all equally likely, in the plane of two axes of equal length."""

    def __init__(self, axes: Sequence[int] = (-2, -1)):
        if len(axes) != 2 or not all(isinstance(axis, int) for axis in axes):
            raise RecipeError(f"`axes` (={axes!r}) of rotate90 must be two axes, such as (0, 1).")
        self.axes = tuple(axes)

    def __call__(self, inputs: Tensor, targets: Targets) -> tuple[Tensor, Targets]:
        """Return a new batch of turned images, with their targets."""
        shape = tuple(inputs.shape[2:])
        first, second = _axes(self.axes, len(shape), "rotate90")
        if shape[first] != shape[second]:
            raise RecipeError(
                f"rotate90 turns squares, and these axes have {shape[first]} and {shape[second]} pixels; "
                f"flip(axes={self.axes}) turns by a half."
            )
        quarters = torch.randint(4, (len(inputs),)).to(inputs.device)
        return moved(Turn((first, second), shape, quarters), inputs, targets, NOTHING)


NOTHING = Colour()  # mirrors and quarter turns bring nothing in


def _axes(axes: Sequence[int], dims: int, name: str) -> list[int]:
    """Return axes of space counted from 0, each once."""
    counted = [axis % dims for axis in axes if -dims <= axis < dims]
    if len(set(counted)) < len(axes):
        raise RecipeError(f"`axes` (={tuple(axes)}) of {name} must be different axes of the {dims} of space.")
    return counted
