"""Pictures, against Pillow and NumPy."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netwright.data.readers.image import limited, read
from netwright.errors import UnreadableError


def encoded(image: Image.Image, form: str = "png", **options) -> bytes:
    stream = BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def noise(height: int = 6, width: int = 8) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_sixteen_bits_are_kept():
    values = np.array([[0, 255, 256, 65535]], dtype=np.uint16)
    for form in ("png", "tiff"):
        picture = read(encoded(Image.fromarray(values), form))
        assert picture.values.dtype == np.uint16
        np.testing.assert_array_equal(picture.values[0], values)


def test_floating_point_values_are_kept(tmp_path: Path):
    values = np.array([[-1.5, 2.25]], dtype=np.float32)
    Image.fromarray(values).save(tmp_path / "a.tif")
    picture = read(tmp_path / "a.tif")
    assert picture.values.dtype == np.float32
    np.testing.assert_array_equal(picture.values[0], values)


def test_a_palette_gives_colours_for_an_image_and_indices_for_a_map():
    image = Image.fromarray(np.array([[0, 1], [2, 1]], np.uint8), "L").convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    content = encoded(image)
    assert read(content).values[:, 0, 1].tolist() == [40, 50, 60]
    picture = read(content, as_map=True)
    assert picture.values.tolist() == [[[0, 1], [2, 1]]]
    assert picture.palette is not None
    assert picture.palette[2].tolist() == [70, 80, 90]


def test_one_bit_is_black_and_white_for_an_image_and_0_and_1_for_a_map():
    content = encoded(Image.fromarray(np.array([[True, False]])))
    assert read(content).values.tolist() == [[[255, 0]]]
    assert read(content, as_map=True).values.tolist() == [[[1, 0]]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_is_turned_upright_as_pillow_turns_it(orientation: int):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read(encoded(Image.fromarray(noise()), exif=exif))
    assert picture.orientation == orientation
    flips = {1: "", 2: "h", 3: "hv", 4: "v", 5: "t", 6: "th", 7: "thv", 8: "tv"}[orientation]
    upright = noise()
    for step in flips:
        upright = {"h": lambda a: a[:, ::-1], "v": lambda a: a[::-1], "t": lambda a: a.swapaxes(0, 1)}[step](
            upright
        )
    np.testing.assert_array_equal(picture.values, upright.transpose(2, 0, 1))


def test_four_bands_of_a_tiff_are_all_kept(tmp_path: Path):
    import tifffile

    bands = np.random.default_rng(0).integers(0, 255, (6, 8, 4), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", bands, photometric="rgb", extrasamples=["unspecified"])
    np.testing.assert_array_equal(read(tmp_path / "a.tif").values, bands.transpose(2, 0, 1))
    np.testing.assert_array_equal(read((tmp_path / "a.tif").read_bytes()).values, bands.transpose(2, 0, 1))


def test_the_limit_of_pixels_is_that_of_pillow_or_the_one_given():
    content = encoded(Image.fromarray(noise()))
    before = Image.MAX_IMAGE_PIXELS
    with limited(47), pytest.raises(UnreadableError, match="the limit is 47"):
        read(content)
    with limited(48):
        assert read(content).values.shape == (3, 6, 8)
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("content", [b"", b"this is a text", encoded(Image.fromarray(noise()))[:-60]])
def test_damaged_content_is_refused(content: bytes):
    with pytest.raises(UnreadableError):
        read(content)


def deep(values: np.ndarray, colour: int, interlaced: bool = False) -> bytes:
    """Return a PNG of 16 bits, written by the specification (ISO 15948): Pillow writes no such colours."""
    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    )


@pytest.mark.parametrize(("colour", "channels"), [(2, 3), (6, 4)])
def test_sixteen_bits_of_colours_are_kept(tmp_path: Path, colour: int, channels: int):
    """Pillow gives the upper bytes only; the transparency is left out."""
    values = np.random.default_rng(0).integers(0, 65536, (5, 7, channels), dtype=np.uint16)
    (tmp_path / "a.png").write_bytes(deep(values, colour))
    for content in (deep(values, colour), tmp_path / "a.png"):
        found = read(content).values
        assert found.dtype == np.uint16
        np.testing.assert_array_equal(found, values[..., :3].transpose(2, 0, 1))


def test_a_map_of_repeated_bytes_has_colours_of_eight_bits():
    colours = noise()
    assert read(deep(colours * np.uint16(257), 2), as_map=True).values.dtype == np.uint8
    np.testing.assert_array_equal(
        read(deep(colours * np.uint16(257), 2), as_map=True).values, colours.transpose(2, 0, 1)
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (deep(np.zeros((2, 2, 2), np.uint16), 4), "grey of 16 bits with transparency; save it without"),
        (b"P6 2 1 65535\n" + bytes(12), "it has 16 bits per colour; convert it to PNG or TIFF"),
    ],
)
def test_sixteen_bits_that_pillow_would_halve_are_refused(content: bytes, reason: str):
    with pytest.raises(UnreadableError, match=reason):
        read(content)
    assert read(b"P6 2 1 255\n" + bytes(6)).values.shape == (3, 1, 2)


@pytest.mark.parametrize("limit", [5, 30])
def test_the_limit_in_the_message_is_the_one_that_was_given(limit: int):
    """Pillow's own message doubles it for pictures of more than twice the limit."""
    content = encoded(Image.fromarray(noise()))
    with (
        limited(limit),
        pytest.raises(
            UnreadableError, match=rf"it has 48 pixels, and the limit is {limit}; raise it by --max-pixels"
        ),
    ):
        read(content)
