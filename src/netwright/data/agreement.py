"""Why labels do not agree with an image, and why the edges of two images differ; empty where they agree."""

from itertools import product

import torch
import torch.nn.functional as F
from jaxtyping import Float, Integer
from torch import Tensor

from netwright.data.kinds import IGNORE

AWAY, NEAR = 0.97, 0.84
"""Shares of the positions away from edges of regions, and next to them, that must show their label."""
TOLERANCE = 0.1  # of a colour, in units of 0..1
LEAST, MOST = 0.5, 3.2
"""An image has sharp edges if it changes at this many times as many positions as before."""
TILE, REACH = 16, 3


def regions(
    image: Float[Tensor, "c *space"], labels: Integer[Tensor, "*space"], colours: Float[Tensor, "2 c"]
) -> str:
    """Return why labels 0, 1 and `IGNORE` do not describe an image of regions in two colours."""
    if unknown := sorted(set(labels.unique().tolist()) - {0, 1, IGNORE}):
        return f"the labels {unknown} came in, which were not there before; what is not known is {IGNORE}"
    interior = _interior(labels)
    colours = _seen(image, labels, interior, colours)
    shape = (2, -1, *[1] * labels.ndim)
    errors = (image[None] - colours.reshape(shape)).abs().amax(1)  # [2, *space]
    known = labels != IGNORE
    if known.float().mean() < 0.1 and (errors.amin(0) < TOLERANCE / 4).float().mean() > 0.5:
        return f"{known.float().mean():.0%} of the positions have a label"
    own = errors.gather(0, labels.clamp(min=0)[None])[0]
    away = _share(own <= TOLERANCE, known & interior)
    if away < AWAY:
        return f"away from edges {away:.0%} of the labels agree with the image, and {AWAY:.0%} must"
    near = _share(own <= errors.amin(0), known & ~interior & _interior(known.long()))
    if near < NEAR:
        return f"next to edges {near:.0%} of the labels agree with the image, and {NEAR:.0%} must"
    return ""


def unmoved(before: Float[Tensor, "c *space"], after: Float[Tensor, "c *space"]) -> tuple[int, int]:
    """Return the number of tiles in which the edges of an image are where they were, and of those judged.

    An edge is moved in a tile of 16 pixels a side if the edges before, moved by up to 3 pixels along an axis,
    fit those after twice as well as they do in their place. An image without sharp edges is not judged: one
    that was blurred, or covered by noise.
    """
    if not LEAST <= _spread(after) / _spread(before) <= MOST:
        return 0, 0
    edges, contrast = (_changes(before) > 0.05).float(), _changes(after)
    fits = torch.stack([_fit(edges, contrast, shift) for shift in _shifts(before.ndim - 1)])
    best = fits.amax(0)
    judged = best > best.mean() / 4
    return int(((fits[0] >= best / 2) & judged).sum()), int(judged.sum())


def _spread(image: Float[Tensor, "c *space"]) -> float:
    """Return the share of the positions at which an image changes, weighted by how much it does."""
    changes = _changes(image)
    return float(changes.sum().square() / changes.square().sum().clamp(min=1e-9) / changes.numel())


def _interior(labels: Integer[Tensor, "*space"]) -> Tensor:
    """Return where all neighbours have the same label."""
    pool = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}[labels.ndim]
    values = labels[None, None].float()
    return (pool(values, 3, 1, 1) == -pool(-values, 3, 1, 1))[0, 0]


def _seen(image: Tensor, labels: Tensor, interior: Tensor, colours: Float[Tensor, "2 c"]) -> Tensor:
    """Return the colours that the two labels have in the image; the painted ones if they hardly differ."""
    parts = [image[:, interior & (labels == k)] for k in (0, 1)]
    if not all(part.shape[1] for part in parts):
        return colours
    seen = torch.stack([part.median(1).values for part in parts])
    apart = (seen[0] - seen[1]).abs().amax() > 2 * TOLERANCE
    return seen if apart else colours


def _share(right: Tensor, judged: Tensor) -> float:
    """Return the share of the judged positions that are right; 1 where none is judged."""
    return float((right & judged).sum() / judged.sum()) if judged.any() else 1.0


def _shifts(dims: int) -> list[tuple[int, ...]]:
    """Return no shift, then shifts along one axis."""
    along = [
        tuple(step * (k == axis) for k in range(dims))
        for axis, step in product(range(dims), range(-REACH, REACH + 1))
    ]
    return [(0,) * dims, *[shift for shift in along if any(shift)]]


def _changes(image: Float[Tensor, "c *space"]) -> Float[Tensor, "d *space"]:
    """Return how much an image changes from each position to the next one along each axis."""
    steps = [image.diff(dim=axis, append=image.narrow(axis, -1, 1)) for axis in range(1, image.ndim)]
    return torch.stack([step.abs().sum(0) for step in steps])


def _fit(
    edges: Float[Tensor, "d *space"], contrast: Float[Tensor, "d *space"], shift: tuple[int, ...]
) -> Tensor:
    """Return, for each tile, how much contrast lies at the places of the edges moved by `shift`."""
    pool = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}[len(shift)]
    moved = edges.roll(shift, tuple(range(1, edges.ndim)))
    return pool((moved * contrast).sum(0)[None, None], TILE, ceil_mode=True)[0, 0]
