"""Reading one image, volume or map from whatever holds it."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from netwright.arithmetic.shape import show
from netwright.data.picture import Picture
from netwright.data.readers import array, image, nifti, tiff, zarr
from netwright.data.readers.opened import Opened, channel_axis, map_axis
from netwright.data.stored import Channels, Content, Page, Slices
from netwright.errors import UnreadableError

SUFFIXES = (*image.SUFFIXES, *array.SUFFIXES, *nifti.SUFFIXES, *zarr.SUFFIXES)
"""How the names of readable files end."""

WHOLE = 2**24  # larger integers are not exact in float32, and no class has such a number


def suffix(path: Path) -> str:
    """Return the ending of a name in lower case, with both parts of `.nii.gz`."""
    name = path.name.lower()
    return ".nii.gz" if name.endswith(".nii.gz") else path.suffix.lower()


def read(content: Content) -> Picture:
    """Return an image or a volume.

    Raises:
        UnreadableError: It is damaged, or has no such page.
        UsageError: The package that reads such files is not installed.
    """
    return _read(content, as_map=False)


def read_map(content: Content, *, colours: bool = False) -> Picture:
    """Return a map of integers with one channel: a mask of classes or of objects.

    A picture with a palette gives its indices, and a coloured one red * 65536 + green * 256 + blue. With
    `colours` that holds for shades of grey in a coloured picture too, where the other masks are coloured.

    Raises:
        UnreadableError: It is damaged, or its values are not integers.
        UsageError: The package that reads such files is not installed.
    """
    picture = _read(content, as_map=True)
    values = picture.values
    coloured = False
    if len(values) in (3, 4) and values.dtype == np.uint8:
        red, green, blue = values[:3]
        coloured = bool((red != green).any() or (red != blue).any())
        values = values[:1]
        if coloured or colours:
            values = (red.astype(np.int32) << 16 | green.astype(np.int32) << 8 | blue)[None]
    if len(values) != 1:
        raise UnreadableError(f"it has {len(values)} channels, and a mask has one value for a position")
    return Picture(
        _integers(values), picture.spacing, picture.affine, picture.orientation, picture.palette, coloured
    )


def array_shape(path: Path, key: str = "") -> tuple[int, ...]:
    """Return the shape of a whole stack, from which its pages are taken.

    Raises:
        UnreadableError: The file is damaged, or has no array of that name.
        UsageError: The package that reads such files is not installed.
    """
    return tuple(open_array(path, key).array.shape)


def array_values(path: Path, key: str = "") -> np.ndarray:
    """Return a whole array as it is, for labels that are not images.

    Raises:
        UnreadableError: The file is damaged, or has no array of that name.
        UsageError: The package that reads such files is not installed.
    """
    return np.asarray(open_array(path, key).array[...])


def open_array(path: Path, key: str = "") -> Opened:
    """Return the array of a file, of which parts can be read; `key` names it in files that hold several.

    Raises:
        UnreadableError: The file is damaged, or has no array of that name.
        UsageError: The package that reads such files is not installed.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise UnreadableError(str(error)) from error
    return _cached(path, key, status.st_mtime_ns, status.st_size)


def forget() -> None:
    """Close the files that were opened last."""
    _cached.cache_clear()


def _read(content: Content, *, as_map: bool) -> Picture:
    if isinstance(content, Channels):
        return _joined([_read(part, as_map=as_map) for part in content.parts])
    if isinstance(content, Slices):
        return _run(content.parts, as_map) or _stacked([_read(part, as_map=as_map) for part in content.parts])
    if isinstance(content, Page):
        return open_array(content.path, content.key).part(content.index, content.channels, as_map=as_map)
    if isinstance(content, bytes) or suffix(content) in image.SUFFIXES:
        return image.read(content, as_map=as_map)
    return open_array(content).part(None, as_map=as_map)


@lru_cache(maxsize=2)
def _cached(path: Path, key: str, changed: int, size: int) -> Opened:
    """Return the array of a file; the pages of one stack are read one after the other."""
    ending = suffix(path)
    if ending in array.SUFFIXES:
        return array.opened(path, key)
    if ending in nifti.SUFFIXES:
        return nifti.opened(path)
    if ending in tiff.SUFFIXES:
        return tiff.opened(path)
    if path.is_dir():
        return zarr.opened(path, key)
    raise UnreadableError(f"files ending in {ending or 'nothing'} are not read; {', '.join(SUFFIXES)} are")


def _run(parts: tuple[Content, ...], as_map: bool) -> Picture | None:
    """Return consecutive pages of one file as one part of its array, which may stay a memory map."""
    pages = [part for part in parts if isinstance(part, Page) and part.index is not None]
    if len(pages) < len(parts):
        return None
    first = pages[0]
    start = first.index or 0
    wanted = [Page(first.path, start + k, first.key, first.channels) for k in range(len(pages))]
    if pages != wanted:
        return None
    opened = open_array(first.path, first.key)
    channels = first.channels
    if channels is None and not opened.known:
        axis = map_axis if as_map else channel_axis
        channels = axis(opened.array.shape[1:])
        opened = replace(opened, known=True)
    return opened.part(slice(start, start + len(pages)), None if channels is None else channels + 1)


def _joined(parts: list[Picture]) -> Picture:
    spaces = {part.space for part in parts}
    if len(spaces) > 1:
        raise UnreadableError(f"its channels have the sizes {' and '.join(show(s) for s in sorted(spaces))}")
    return Picture(np.concatenate([part.values for part in parts]), parts[0].spacing, parts[0].affine)


def _stacked(parts: list[Picture]) -> Picture:
    shapes = {part.values.shape for part in parts}
    if len(shapes) > 1:
        raise UnreadableError(f"its slices have the shapes {' and '.join(show(s) for s in sorted(shapes))}")
    return Picture(np.stack([part.values for part in parts], 1))


def _integers(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind in "iu":
        return values
    whole = np.rint(values)
    if not np.isfinite(values).all() or (whole != values).any() or np.abs(whole).max() > WHOLE:
        raise UnreadableError(f"its values are not integers (their type is {values.dtype})")
    return whole.astype(np.int32)
