"""TIFF files beyond 8-bit pictures: stacks of pages, 16-bit and float channels, any number of channels."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from netwright.data.readers.opened import Opened, needs
from netwright.data.readers.segments import BROKEN, Segments, decodable
from netwright.errors import UnreadableError

SUFFIXES = (".tif", ".tiff")
MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # how such a file begins
LARGE = 2**24
GEOTIFF = (33550, 33922, 34264, 34735, 34736, 34737)
"""The tags that say where the pixels of a GeoTIFF file lie in the world."""
BITS, SAMPLES = 258, 277  # the numbers of two tags
CUT = ("invalid page offset", "corrupted file", "corrupted tag list")
"""Logged by tifffile for a file that lost its last pages."""


def beyond_pillow(content: bytes | Path) -> bool:
    """Return whether this is a TIFF file of which Pillow reads only a part.

    Pillow reads one page, with at most 8 bits for each of up to four colours, or 16 or 32 bits of grey.
    """
    if isinstance(content, Path):
        if content.suffix.lower() not in SUFFIXES or not _marked(content):
            return False
    elif content[:4] not in MARKS:
        return False
    try:
        image: Any  # only TIFF files have tags
        with Image.open(BytesIO(content) if isinstance(content, bytes) else content) as image:
            bits, samples = image.tag_v2.get(BITS, (8,)), image.tag_v2.get(SAMPLES, 1)
            bands = image.getbands()
            deep = len(bands) > 1 and max(bits) > 8
            return bool(image.tag_v2.next) or len(bands) < samples or deep or image.mode == "RGBX"
    except (*BROKEN, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return True


def _marked(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in MARKS
    except OSError:
        return False


def opened(source: Path | BytesIO) -> Opened:
    """Return the first series of a TIFF file: a memory map where it is stored in one piece.

    Raises:
        UnreadableError: The file is damaged, or stored in a way that needs another package.
        UsageError: tifffile is not installed.
    """
    needs("tifffile", "such TIFF")
    import tifffile

    try:
        with _heard() as complaints, tifffile.TiffFile(source) as file:
            all_series = file.series
            if not all_series or any(mark in complaint for complaint in complaints for mark in CUT):
                raise UnreadableError("it is not a readable TIFF file: it has been cut short")
            series = all_series[0]
            axes = series.axes
            spacing = _spacing(file.imagej_metadata, series.keyframe.tags, axes)
            array = _array(source, series, file.byteorder)
    except BROKEN as error:
        raise UnreadableError(f"it is not a readable TIFF file: {str(error).rstrip('.')}") from error
    channels = next((axes.index(letter) for letter in "SC" if letter in axes), None)
    return Opened(array, channels, known=bool(set("SCZT") & set(axes)), spacing=spacing)


def large(path: Path) -> bool:
    """Return whether this is a picture that is read in parts: Pillow, too, would read it, but as a whole.

    That is one page of more than `LARGE` positions, upright, in shades of grey or in red, green and blue.
    """
    if path.suffix.lower() not in SUFFIXES or find_spec("tifffile") is None or not _marked(path):
        return False
    import tifffile

    try:
        with _heard(), tifffile.TiffFile(path) as file:
            page = file.series[0].keyframe
            upright = "Orientation" not in page.tags or page.tags["Orientation"].value == 1
            plain = (page.photometric, page.samplesperpixel) in ((1, 1), (2, 3))
            return (
                upright and plain and page.imagewidth * page.imagelength > LARGE and decodable(file.series[0])
            )
    except BROKEN:
        return False


def form(path: Path) -> tuple[bool, list[tuple[int, int, int, Any, bool]]]:
    """Return whether a TIFF file is compressed, and its tags of GeoTIFF as tifffile writes them."""
    needs("tifffile", "such TIFF")
    import tifffile

    try:
        with _heard(), tifffile.TiffFile(path) as file:
            page = file.series[0].keyframe
            tags = [page.tags[code] for code in GEOTIFF if code in page.tags]
            return page.compression != 1, [(tag.code, tag.dtype, tag.count, tag.value, True) for tag in tags]
    except BROKEN as error:
        raise UnreadableError(f"it is not a readable TIFF file: {str(error).rstrip('.')}") from error


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Yield what tifffile logs meanwhile: it does not raise an error for a file that lost its last pages."""
    complaints: list[str] = []

    def hear(record: logging.LogRecord) -> bool:
        complaints.append(record.getMessage())
        return False

    logger = logging.getLogger("tifffile")
    logger.addFilter(hear)
    try:
        yield complaints
    finally:
        logger.removeFilter(hear)


def _array(source: Path | BytesIO, series: Any, byteorder: str) -> Any:
    """Return a memory map where the series lies in one piece, else its segments, pages or values."""
    if isinstance(source, Path) and series.dataoffset is not None and series.dtype.kind in "biuf":
        return np.memmap(source, byteorder + series.dtype.char, "c", series.dataoffset, series.shape)
    if isinstance(source, Path) and decodable(series):
        return Segments(source, series)
    if isinstance(source, Path) and len(series) > 1 and series.shape[:1] == (len(series),):
        return _Pages(source, series.shape, series.dtype)
    return series.asarray()


class _Pages:
    """The pages of a compressed stack, each decoded when it is asked for."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype):
        self.path, self.shape, self.dtype = path, shape, dtype

    def __getitem__(self, index: Any) -> np.ndarray:
        import tifffile

        try:
            with _heard():
                return tifffile.imread(self.path, key=None if index is ... else index, series=0)
        except BROKEN as error:
            raise UnreadableError(f"it is damaged: {str(error).rstrip('.')}") from error


def _spacing(imagej: Mapping[str, Any] | None, tags: Any, axes: str) -> tuple[float, ...]:
    """Return the distances that ImageJ wrote, for a stack or a picture without channels."""
    resolutions = [tags[name].value for name in ("YResolution", "XResolution") if name in tags]
    if imagej is None or len(resolutions) < 2 or not all(up and down for up, down in resolutions):
        return ()
    plane = tuple(down / up for up, down in resolutions)
    return (float(imagej.get("spacing", 1.0)), *plane) if "Z" in axes else plane
