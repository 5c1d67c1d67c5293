"""Why points and boxes do not agree with the objects that an image shows; empty where they agree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

POINT = 0.5  # pixels that a point may lie from the centre of its dot
BEYOND = 0.5  # pixels by which an object may exceed its box
TIP = {1: 0.6, 2: 1.2, 3: 1.6}
"""Pixels by which a box may exceed its object, by dimensions: of a turned corner pixels show less."""
CORE = 0.12  # how far the colour inside an object may be from that of the others


@dataclass(frozen=True, eq=False)
class Blob:
    """An object: the slices around it, its cover (0..1) there, if it may be incomplete, and its pixels."""

    around: tuple[slice, ...]
    cover: NDArray[np.float32]
    doubtful: bool
    size: int

    @property
    def start(self) -> NDArray[np.float64]:
        """The first position of the slices."""
        return np.array([part.start for part in self.around], np.float64)

    @property
    def centre(self) -> NDArray[np.float64]:
        """The centre of mass, in pixels with edges at integers."""
        return self.start + np.array(ndimage.center_of_mass(self.cover)) + 0.5

    @property
    def allowed(self) -> float:
        """How far from its centre the point of a dot may lie: half a pixel, or more if it is stretched."""
        places = np.argwhere(self.cover > 0) - (self.centre - self.start - 0.5)
        weights = self.cover[self.cover > 0]
        spread = np.linalg.eigvalsh((places * weights[:, None]).T @ places)
        return POINT * min(float(spread[-1] / max(spread[0], 1e-9)), 4.0)

    @property
    def extent(self) -> NDArray[np.float64]:
        """Lows and highs [2, d], where the cover of the pixels at the edge counts by its share."""
        sides = []
        for axis in range(self.cover.ndim):
            profile = self.cover.max(axis=tuple(k for k in range(self.cover.ndim) if k != axis))
            full = np.flatnonzero(profile >= 1 - CORE)
            sides.append((full[0] - profile[: full[0]].sum(), full[-1] + 1 + profile[full[-1] + 1 :].sum()))
        return self.start + np.array(sides).T


def dots(
    image: Float[Tensor, "c *space"], points: Float[Tensor, "k d"], colours: Float[Tensor, "2 c"]
) -> str:
    """Return why points do not lie on the centres of the dots of an image."""
    here = points[~points.isnan().any(1)].double().numpy()
    blobs = _blobs(_share_of_object(image, here, colours))
    for blob in blobs:
        if not blob.doubtful and _nearest(blob.centre, here) > blob.allowed:
            return _far("a dot", "point", _nearest(blob.centre, here))
    centres = [blob.centre for blob in blobs]
    for point in here:
        if _nearest(point, centres) > 4 * POINT and not _outside(point, blobs, image.shape[1:]):
            return _far("a point", "dot", _nearest(point, centres))
    return ""


def rectangles(
    image: Float[Tensor, "c *space"], boxes: Float[Tensor, "m w"], colours: Float[Tensor, "2 c"]
) -> str:
    """Return why boxes (lows, highs, class) are not those around the objects of an image."""
    dims = image.ndim - 1
    sought = boxes[:, : 2 * dims].reshape(-1, 2, dims).double().numpy()
    share = _share_of_object(image, sought.mean(1), colours)
    if any(_empty(share, box) for box in sought):
        return "there is a box, and no object in it"
    blobs = _blobs(share, least=0.1)
    if len(sought) > len(blobs) and not any(blob.doubtful for blob in blobs):
        return f"there are {len(sought)} boxes, and {len(blobs)} objects can be seen"
    for blob in blobs:
        around = blob.extent
        errors = [max(_excess(around, box, BEYOND), _excess(box, around, TIP[dims])) for box in sought]
        if not blob.doubtful and min(errors, default=np.inf) > 0:
            distance = min((abs(around - box).max() for box in sought), default=np.inf)
            return _far("the edge of a box", "edge of its object", distance)
    return ""


def _blobs(share: NDArray[np.float32], least: float = 0.0) -> list[Blob]:
    """Return the objects of an image with at least this share of the positions of the largest one."""
    core = np.abs(share - 1) < CORE
    flat = ndimage.maximum_filter(share, 3) - ndimage.minimum_filter(share, 3) < CORE / 4
    strange = flat & ~core & (np.abs(share) > CORE)  # what came in from outside, in a colour of its own
    strange = ndimage.binary_dilation(strange, iterations=2)
    numbers, _ = ndimage.label(core)
    blobs, sizes = [], np.bincount(numbers.ravel())
    for number, box in enumerate(ndimage.find_objects(numbers), start=1):
        around = tuple(slice(max(part.start - 3, 0), part.stop + 3) for part in box)
        mine = ndimage.binary_dilation(numbers[around] == number, iterations=3)
        at_border = any(
            part.start < 3 or part.stop > size - 3 for part, size in zip(box, share.shape, strict=True)
        )
        doubtful = at_border or bool((strange[around] & mine).any())
        blobs.append(Blob(around, np.where(mine, share[around].clip(0, 1), 0), doubtful, sizes[number]))
    largest = max((blob.size for blob in blobs if not blob.doubtful), default=0)
    return [blob for blob in blobs if blob.size >= least * largest]  # others are corners that were cut off


def _share_of_object(
    image: Tensor, places: NDArray[np.float64], colours: Float[Tensor, "2 c"]
) -> NDArray[np.float32]:
    """Return where the colour of each position lies between background (0) and objects (1).

    Both are the painted ones where the image still has them; else what most of it, and of the places, shows.
    """
    values = image.numpy()
    background = colours[0].numpy()
    unchanged = np.abs(values - background.reshape(-1, *[1] * (values.ndim - 1))).max(0) < CORE / 4
    if unchanged.mean() < 0.1:
        background = np.median(values.reshape(len(values), -1), axis=1)
    last = np.array(values.shape[1:]) - 1
    there = values[(slice(None), *np.floor(places).astype(int).clip(0, last).T)]
    objects = np.median(there, axis=1) if len(places) else background
    if np.abs(objects - background).max() < CORE:
        objects = colours[1].numpy()
    step = objects - background
    return np.tensordot(step, values - background.reshape(-1, *[1] * (values.ndim - 1)), 1) / max(
        (step**2).sum(), 1e-9
    )


def _empty(share: NDArray[np.float32], box: NDArray[np.float64]) -> bool:
    """Return whether a box that the border does not cut has hardly a position of an object in it."""
    if (box[0] < 1).any() or (box[1] > np.array(share.shape) - 1).any():
        return False
    inside = share[tuple(slice(int(low), int(high) + 1) for low, high in box.T)]
    return bool((np.abs(inside - 1) < CORE).mean() < 0.1)


def _nearest(point: NDArray[np.float64], others: Iterable[NDArray[np.float64]]) -> float:
    return min((float(np.linalg.norm(point - other)) for other in others), default=np.inf)


def _outside(point: NDArray[np.float64], blobs: list[Blob], shape: Sequence[int]) -> bool:
    """Return whether the dot of a point may be incomplete, at the border or beside what came in."""
    margin = 5
    if (point < margin).any() or (point > np.array(shape) - margin).any():
        return True
    return any(
        blob.doubtful
        and all(part.start - 1 <= place <= part.stop for part, place in zip(blob.around, point, strict=True))
        for blob in blobs
    )


def _excess(inner: NDArray[np.float64], outer: NDArray[np.float64], allowed: float) -> float:
    """Return by how much more than `allowed` lows and highs lie outside of others."""
    return max((outer[0] - inner[0]).max(), (inner[1] - outer[1]).max()) - allowed


def _far(what: str, other: str, distance: float) -> str:
    if np.isinf(distance):
        return f"there is {what} and no {other}"
    return f"{what} lies {distance:.1f} pixels from the nearest {other}, and {POINT} are allowed"
