"""Affine and elastic deformations, drawn for a batch as one warp; `affine` before `elastic` resamples once.

Random numbers are drawn on the CPU, from the global generator of torch, so that a seed gives equal warps on
every device.
"""

from collections.abc import Sequence
from itertools import combinations
from math import radians
from typing import Protocol

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from netwright.data.kinds import Targets
from netwright.data.motion import Colour, moved
from netwright.data.warp import Warp, unfolded
from netwright.errors import RecipeError


class Deformation(Protocol):
    """Draws one warp for each example of a batch. `bends` says whether the warp has a field."""

    bends: bool

    def draw(self, batch: int, shape: tuple[int, ...]) -> Warp:
        """Return warps of `batch` images with this spatial shape."""


class Resample:
    """Draws deformations, of which only the last may bend, and resamples once for all of them.

    What comes in has the colour `mean` (per channel, 0..1), which normalisation makes zero; without `mean` it
    is black.
    """

    def __init__(self, deformations: Sequence[Deformation], *, mean: Sequence[float] = ()):
        self.deformations, self.fill = tuple(deformations), Colour(mean)

    def followed(self, second: "Resample") -> "Resample":
        """Return both in one resampling; no deformation of this one may bend."""
        both = Resample([*self.deformations, *second.deformations])
        both.fill = self.fill
        return both

    def __call__(self, inputs: Tensor, targets: Targets) -> tuple[Tensor, Targets]:
        """Return a batch of warped images, with their targets."""
        shape = tuple(inputs.shape[2:])
        if len(shape) not in (2, 3):
            raise RecipeError(
                f"affine and elastic deform images and volumes, not inputs with {len(shape)} axis."
            )
        first, *rest = (each.draw(len(inputs), shape) for each in self.deformations)
        for warp in rest:
            first = warp.after(first)
        return moved(first.to(inputs.device), inputs, targets, self.fill)


class Affine:
    """Turns, shears, scales and moves each image about its centre.

    Args:
        degrees: Each plane of two axes is turned by up to this angle either way; one number for all planes,
            or one for each of the planes (0, 1), (0, 2) and (1, 2) of a volume.
        translate: Moved along each axis by up to this share of its length.
        scale: Enlarged by a factor between these two.
        shear: Each axis is sheared along those after it by up to this angle, in degrees.
        p: Probability that an image is changed.
    """

    bends = False

    def __init__(
        self,
        degrees: float | Sequence[float] = 0.0,
        translate: float = 0.0,
        scale: tuple[float, float] = (1.0, 1.0),
        shear: float = 0.0,
        p: float = 1.0,
    ):
        self.degrees = (degrees,) if isinstance(degrees, int | float) else tuple(degrees)
        self.translate, self.scale, self.shear, self.p = translate, tuple(scale), shear, p
        if not all(0 <= angle <= 180 for angle in self.degrees):
            raise RecipeError(f"`degrees` (={degrees}) of affine must be from 0 to 180.")
        if not 0 <= translate < 1:
            raise RecipeError(f"`translate` (={translate}) of affine must be a share of the side below 1.")
        if len(self.scale) != 2 or not 0 < self.scale[0] <= self.scale[1]:
            raise RecipeError(f"`scale` (={scale}) of affine must be two factors, such as (0.9, 1.1).")
        if not 0 <= shear < 90:
            raise RecipeError(f"`shear` (={shear}) of affine must be an angle from 0 to below 90 degrees.")
        _require_probability(p, "affine")

    def draw(self, batch: int, shape: tuple[int, ...]) -> Warp:
        """Return an affine warp of each image."""
        dims = len(shape)
        sides = torch.tensor(shape, dtype=torch.float32)
        forward = self._turned(batch, dims) @ self._sheared(batch, dims)
        forward = forward * torch.empty(batch, 1, 1).uniform_(*self.scale)
        shift = torch.empty(batch, dims).uniform_(-1, 1) * self.translate * sides
        kept = torch.rand(batch) >= self.p
        forward[kept], shift[kept] = torch.eye(dims), 0.0
        inverse = torch.linalg.inv(forward)
        centre = (sides / 2).expand(batch, dims)[..., None]
        return Warp(shape, torch.cat([inverse, centre - inverse @ (centre + shift[..., None])], 2))

    def _turned(self, batch: int, dims: int) -> Float[Tensor, "b d d"]:
        planes = list(combinations(range(dims), 2))
        if len(self.degrees) not in (1, len(planes)):
            raise RecipeError(
                f"`degrees` (={self.degrees}) of affine must be one angle, or one for each plane; these "
                f"inputs have {len(planes)}."
            )
        limits = self.degrees * len(planes) if len(self.degrees) == 1 else self.degrees
        whole = torch.eye(dims).repeat(batch, 1, 1)
        for (first, second), limit in zip(planes, limits, strict=True):
            angle = torch.empty(batch).uniform_(-1, 1) * radians(limit)
            turn = torch.eye(dims).repeat(batch, 1, 1)
            turn[:, first, first] = turn[:, second, second] = angle.cos()
            turn[:, first, second], turn[:, second, first] = -angle.sin(), angle.sin()
            whole = whole @ turn
        return whole

    def _sheared(self, batch: int, dims: int) -> Float[Tensor, "b d d"]:
        slopes = (torch.empty(batch, dims, dims).uniform_(-1, 1) * radians(self.shear)).tan()
        return torch.eye(dims) + slopes.triu(1)


class Elastic:
    """Moves every pixel by smoothed noise (Simard, Steinkraus & Platt 2003).

    Uniform noise in -1..1 is smoothed by a Gaussian of `sigma` pixels and multiplied by `alpha` pixels; the
    paper has 34 and 4 for images of 29 pixels. A field that would fold the image is scaled down.
    """

    bends = True

    def __init__(self, alpha: float = 34.0, sigma: float = 4.0, p: float = 1.0):
        if alpha < 0 or sigma <= 0:
            raise RecipeError(
                f"`alpha` (={alpha}) of elastic must be at least 0, and `sigma` (={sigma}) above 0."
            )
        _require_probability(p, "elastic")
        self.alpha, self.sigma, self.p = alpha, sigma, p

    def draw(self, batch: int, shape: tuple[int, ...]) -> Warp:
        """Return an elastic warp of each image."""
        field = torch.empty(batch, len(shape), *shape).uniform_(-1, 1)
        for axis in range(2, field.ndim):
            field = _smoothed(field, axis, self.sigma)
        return _bent(shape, field * self.alpha, self.p)


class GridElastic:
    """Moves a coarse grid of points and every pixel smoothly between them (Ronneberger et al. 2015, 3.1).

    `grid` points along each axis, from border to border, move by Gaussian noise with a deviation of `sigma`
    pixels along each axis; cubic interpolation gives the displacements between them. The paper has a grid of
    3 and 10 pixels, for images of 512 pixels. A field that would fold the image is scaled down.
    """

    bends = True

    def __init__(self, grid: int = 3, sigma: float = 10.0, p: float = 1.0):
        if not isinstance(grid, int) or grid < 2 or sigma < 0:
            raise RecipeError(
                f"`grid` (={grid!r}) of grid_elastic must be 2 or more, and `sigma` (={sigma}) 0 or more."
            )
        _require_probability(p, "grid_elastic")
        self.grid, self.sigma, self.p = grid, sigma, p

    def draw(self, batch: int, shape: tuple[int, ...]) -> Warp:
        """Return an elastic warp of each image."""
        field = torch.randn(batch, len(shape), *[self.grid] * len(shape)) * self.sigma
        for axis, size in enumerate(shape, start=2):
            unit = torch.eye(self.grid)[None, :, :, None]
            weights = F.interpolate(unit, (size, 1), mode="bicubic", align_corners=True)[0, :, :, 0]
            field = torch.tensordot(field, weights, ([axis], [0])).movedim(-1, axis)
        return _bent(shape, field, self.p)


def _bent(shape: tuple[int, ...], field: Float[Tensor, "b d *space"], p: float) -> Warp:
    """Return warps by fields of displacements, each of which is kept with probability `p`."""
    batch, dims = field.shape[:2]
    field[torch.rand(batch) >= p] = 0.0
    still = torch.eye(dims, dims + 1).expand(batch, -1, -1)
    return Warp(shape, still, unfolded(field))


def _smoothed(values: Float[Tensor, "b d *space"], axis: int, sigma: float) -> Tensor:
    """Return values smoothed along one axis by a Gaussian, with zeros beyond the border."""
    reach = min(round(4 * sigma), values.shape[axis])
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    rows = values.movedim(axis, -1)
    smooth = F.conv1d(
        rows.reshape(-1, 1, rows.shape[-1]), (weights / weights.sum())[None, None], padding=reach
    )
    return smooth.view_as(rows).movedim(-1, axis)


def _require_probability(p: float, name: str) -> None:
    if not 0 <= p <= 1:
        raise RecipeError(f"`p` (={p}) of {name} must be a probability, from 0 to 1.")
