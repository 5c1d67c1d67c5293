"""Volumes in files of their own, read as the images that are their pages."""

from pathlib import Path

from netwright.arithmetic.shape import show
from netwright.data.kinds import Kind
from netwright.data.read import array_shape, read, suffix
from netwright.data.readers import nifti
from netwright.data.stored import Content, Page, StoredSplit
from netwright.errors import DataError, UnreadableError


def as_pages(split: StoredSplit) -> StoredSplit:
    """Return every page of every volume as an image of its own; those of one file are a group.

    Images stay as they are.

    Raises:
        DataError: A volume and its mask have different shapes, or lie in files that are not read by pages.
    """
    images: list[Content] = []
    masks: list[Content] = []
    places: list[str] = []
    groups: list[str] = []
    for k, (image, mask) in enumerate(zip(split.images, split.targets[Kind.MASK], strict=True)):
        count = _count(image, mask, split.place(k))
        images += _pages(image, count)
        masks += _pages(mask, count)
        places += [f"page {page} of {split.place(k)}" for page in range(count)] or [split.place(k)]
        groups += [str(image)] * count or [split.groups[k] if split.groups else split.place(k)]
    return StoredSplit(images, {Kind.MASK: masks}, lambda k: places[k], groups)


def _count(image: Content, mask: Content, place: str) -> int:
    """Return how many pages a volume has; 0 for an image."""
    if isinstance(image, Page | bytes):
        return 0
    try:
        if read(image).values.ndim < 4:
            return 0
        if not isinstance(image, Path) or not isinstance(mask, Path) or suffix(image) in nifti.SUFFIXES:
            raise DataError(f"{place} is a volume that is not stored by pages; read it with dims=3.")
        shapes = array_shape(image), array_shape(mask)
    except UnreadableError:
        return 0  # decoding refuses it, or leaves it out on request
    if shapes[0][0] != shapes[1][0]:
        raise DataError(f"{place} is {show(shapes[0])} and its mask is {show(shapes[1])}; they must agree.")
    return shapes[0][0]


def _pages(content: Content, count: int) -> list[Content]:
    return [Page(content, k) for k in range(count)] if count and isinstance(content, Path) else [content]
