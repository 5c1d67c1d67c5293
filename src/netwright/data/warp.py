"""One warp of a batch: a matrix for each example and, where asked, a field of displacements; 2-D and 3-D."""

from dataclasses import dataclass
from math import prod

import torch
import torch.nn.functional as F
from jaxtyping import Float, Integer
from torch import Tensor

from netwright.data.motion import Colour

ITERATIONS = 32  # leaves 1e-4 of a displacement at the steepest slope allowed
STEEPEST = 0.75
"""The largest slope of a field of displacements: below 1 it folds nothing, and it can be inverted."""


@dataclass(frozen=True, eq=False)
class Warp:
    """Where each position of the warped image is read: p = A (q + u(q)) + t.

    Args:
        shape: Spatial shape of the images, which have two or three spatial axes.
        matrix: [A | t] of each example: [b, d, d + 1].
        field: Displacements u at the centres of the pixels, in pixels: [b, d, *shape].
    """

    shape: tuple[int, ...]
    matrix: Float[Tensor, "b d d1"]
    field: Float[Tensor, "b d *space"] | None = None

    def after(self, first: "Warp") -> "Warp":
        """Return the warp that does `first`, which has no field, and then this one, in one resampling."""
        linear, shift = first.matrix[..., :-1], first.matrix[..., -1:]
        matrix = linear @ self.matrix
        return Warp(self.shape, torch.cat([matrix[..., :-1], matrix[..., -1:] + shift], 2), self.field)

    def to(self, device: torch.device) -> "Warp":
        """Return the warp on a device."""
        field = None if self.field is None else self.field.to(device)
        return Warp(self.shape, self.matrix.to(device), field)

    def positions(self) -> Float[Tensor, "b d *space"]:
        """Return the position that is read for the centre of each pixel."""
        axes = [torch.arange(n, device=self.matrix.device) + 0.5 for n in self.shape]
        centres = torch.stack(torch.meshgrid(*axes, indexing="ij"))[None]
        if self.field is not None:
            centres = centres + self.field
        linear, shift = self.matrix[..., :-1], self.matrix[..., -1]
        turned = torch.einsum("bij,bj...->bi...", linear, centres.expand(len(linear), *centres.shape[1:]))
        return turned + shift.reshape(*shift.shape, *[1] * len(self.shape))

    def picture(self, values: Tensor, fill: Colour) -> Tensor:
        """Return images [b, c, *space] resampled bilinearly; bytes are rounded back to bytes."""
        positions = self.positions()
        sampled = _sampled(values.float(), positions)
        sampled = torch.where(self._inside(positions)[:, None], sampled, fill.of(values).to(sampled))
        return sampled.round_().to(values.dtype) if values.dtype == torch.uint8 else sampled.to(values.dtype)

    def labels(self, values: Integer[Tensor, "b *space"], fill: int) -> Integer[Tensor, "b *space"]:
        """Return maps of labels, each position with the label of the pixel in which it is read."""
        positions = self.positions()
        index = torch.zeros_like(values, dtype=torch.int64)
        for axis, size in enumerate(self.shape):
            index = index * size + positions[:, axis].floor().long().clamp(0, size - 1)
        read = values.flatten(1).gather(1, index.flatten(1)).view_as(values)
        return read.masked_fill(~self._inside(positions), fill)

    def points(self, points: Float[Tensor, "b k d"]) -> Float[Tensor, "b k d"]:
        """Return where points lie afterwards: the q with A (q + u(q)) + t = p, by fixed-point iteration."""
        linear, shift = self.matrix[..., :-1], self.matrix[..., -1]
        turned = torch.linalg.solve(linear, (points.to(linear) - shift[:, None]).mT).mT
        place = turned
        if self.field is not None:
            for _ in range(ITERATIONS):
                place = turned - self._displacement(place)
        return place.to(points.dtype)

    def _displacement(self, points: Float[Tensor, "b k d"]) -> Float[Tensor, "b k d"]:
        assert self.field is not None
        lattice = points.mT.reshape(*points.mT.shape, *[1] * (len(self.shape) - 1))
        return _sampled(self.field, lattice).flatten(2).mT

    def _inside(self, positions: Float[Tensor, "b d *space"]) -> Tensor:
        sides = positions.new_tensor(self.shape).reshape(-1, *[1] * len(self.shape))
        return ((positions >= 0) & (positions < sides)).all(1)


def unfolded(field: Float[Tensor, "b d *space"]) -> Float[Tensor, "b d *space"]:
    """Return the fields, scaled down where their slope exceeds `STEEPEST`, so that the warp folds nothing.

    The slope is the largest change of a displacement over one pixel, summed over the axes.
    """
    dims = field.shape[1]
    slopes = torch.zeros_like(field)
    for axis in range(2, 2 + dims):
        step = field.diff(dim=axis).abs()
        before, after = _padded(step, axis, (1, 0)), _padded(step, axis, (0, 1))
        slopes += torch.maximum(before, after)
    steepest = slopes.flatten(1).amax(1)
    factor = (STEEPEST / steepest.clamp(min=STEEPEST)).reshape(-1, *[1] * (dims + 1))
    return field * factor


def _padded(values: Tensor, axis: int, sides: tuple[int, int]) -> Tensor:
    return F.pad(values, [*[0, 0] * (values.ndim - 1 - axis), *sides])


def _sampled(values: Float[Tensor, "b c *space"], positions: Float[Tensor, "b d *to"]) -> Tensor:
    """Return values at positions, linearly between centres of pixels and constant beyond the outermost."""
    shape = values.shape[2:]
    assert prod(shape)
    sides = positions.new_tensor(shape)
    # edges of the image at -1 and 1, last axis first
    grid = (2 * positions.movedim(1, -1) / sides - 1).flip(-1)
    return F.grid_sample(values, grid, mode="bilinear", padding_mode="border", align_corners=False)
