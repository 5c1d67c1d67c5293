"""Where an image and its mask have edges, on a coarse grid, so that many pairs can be compared."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from netwright.lint.survey.maps import edges

SIDE = 64
"""The cells of the grid along each axis."""
PLANES = 5
"""The planes of a volume among which the one with the longest label edges is taken."""


@dataclass(frozen=True, eq=False)
class Outline:
    """The strength of the edges in each cell of a grid [64, 64], of an image and of its mask.

    Both have mean 0 and norm 1, so that the sum of their product is their correlation.
    """

    image: np.ndarray
    mask: np.ndarray


def outline(image: np.ndarray, mask: np.ndarray) -> Outline | None:
    """Return the edges of an image [c, *space] and of its mask [*space]; None if either has none.

    Of a volume, one plane of the last two axes is taken.
    """
    if mask.ndim < 2 or image.shape[1:] != mask.shape:
        return None
    plane = _busiest(mask)
    at: tuple[Any, ...] = (slice(None), *plane)
    grey = np.asarray(image[at], np.float32).mean(0)
    grey = np.nan_to_num(grey, nan=0.0, posinf=0.0, neginf=0.0)
    steps = np.zeros(grey.shape, np.float32)
    steps[:-1] += np.abs(grey[:-1] - grey[1:])
    steps[:, :-1] += np.abs(grey[:, :-1] - grey[:, 1:])
    seen = unit(on_grid(steps))
    drawn = unit(on_grid(edges(np.asarray(mask[plane])).astype(np.float32)))
    return Outline(seen, drawn) if seen.any() and drawn.any() else None


def on_grid(values: np.ndarray) -> np.ndarray:
    """Return the means of values [h, w] over the cells of the grid [64, 64]."""
    for axis in (0, 1):
        size = values.shape[axis]
        starts = [k * size // SIDE for k in range(SIDE)]
        counts = np.maximum(np.diff([*starts, size]), 1)
        values = np.add.reduceat(values, starts, axis) / (counts[:, None] if axis == 0 else counts)
    return values


def unit(values: np.ndarray) -> np.ndarray:
    """Return values with mean 0 and norm 1, in half precision to save memory; zeros if they are constant."""
    centred = values - values.mean()
    norm = np.linalg.norm(centred)
    return (centred / norm if norm > 1e-6 * max(1.0, np.abs(values).max()) else centred * 0).astype(
        np.float16
    )


def _busiest(mask: np.ndarray) -> tuple[int, ...]:
    """Return the index of the plane with the longest label edges, of a few that are evenly spaced."""
    planes = mask.shape[:-2]
    if not planes:
        return ()
    total = int(np.prod(planes))
    chosen = sorted({(2 * k + 1) * total // (2 * PLANES) for k in range(PLANES)})
    indices = [tuple(map(int, np.unravel_index(k, planes))) for k in chosen]
    return max(indices, key=lambda index: int(edges(np.asarray(mask[index])).sum()))
