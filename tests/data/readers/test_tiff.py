"""TIFF files that Pillow does not read wholly, written and checked by tifffile."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from netwright.data.read import read
from netwright.data.readers.tiff import beyond_pillow, opened
from netwright.data.stored import Page, Slices
from netwright.errors import UnreadableError

STACK = np.random.default_rng(0).integers(0, 65536, (7, 6, 5), dtype=np.uint16)
WAYS = {
    "plain": {},
    "other byte order": {"byteorder": ">"},
    "compressed": {"compression": "zlib"},
    "tiles": {"tile": (16, 16)},
    "separate pages": {"contiguous": False},
    "ImageJ": {"imagej": True, "metadata": {"axes": "ZYX", "spacing": 2.0}, "resolution": (4, 8)},
    "BigTIFF": {"bigtiff": True},
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_stack_is_a_volume_and_its_pages_are_images(tmp_path: Path, way: dict):
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, STACK, **way)
    np.testing.assert_array_equal(read(path).values[0], STACK)
    np.testing.assert_array_equal(read(Page(path, 3)).values[0], STACK[3])
    run = Slices(tuple(Page(path, k) for k in (2, 3, 4)))
    np.testing.assert_array_equal(read(run).values[0], STACK[2:5])
    assert read(path).values.dtype == np.uint16


def test_a_stack_in_one_piece_is_mapped_into_memory(tmp_path: Path):
    tifffile.imwrite(tmp_path / "a.tif", STACK)
    assert isinstance(opened(tmp_path / "a.tif").array, np.memmap)
    tifffile.imwrite(tmp_path / "b.tif", STACK, compression="zlib")
    assert not isinstance(opened(tmp_path / "b.tif").array, np.ndarray)


def test_a_stack_that_pillow_wrote_page_by_page(tmp_path: Path):
    first, *rest = [Image.fromarray(page.astype(np.uint8)) for page in STACK]
    first.save(tmp_path / "a.tif", save_all=True, append_images=rest)
    np.testing.assert_array_equal(read(tmp_path / "a.tif").values[0], STACK.astype(np.uint8))


@pytest.mark.parametrize("kind", [np.uint16, np.float32, np.int16])
def test_deep_colours_keep_their_bits(tmp_path: Path, kind: type):
    colours = np.random.default_rng(0).integers(0, 3000, (6, 5, 3)).astype(kind)
    tifffile.imwrite(tmp_path / "a.tif", colours, photometric="rgb")
    picture = read(tmp_path / "a.tif")
    assert picture.values.dtype == kind
    np.testing.assert_array_equal(picture.values, colours.transpose(2, 0, 1))


def test_many_bands_are_channels(tmp_path: Path):
    bands = np.random.default_rng(0).random((6, 5, 12)).astype(np.float32)
    tifffile.imwrite(tmp_path / "a.tif", bands, photometric="minisblack", planarconfig="contig")
    np.testing.assert_array_equal(read(tmp_path / "a.tif").values, bands.transpose(2, 0, 1))


def test_spacing_is_what_imagej_wrote(tmp_path: Path):
    tifffile.imwrite(tmp_path / "a.tif", STACK, **WAYS["ImageJ"])
    assert read(tmp_path / "a.tif").spacing == (2.0, 1 / 8, 1 / 4)
    tifffile.imwrite(tmp_path / "b.tif", STACK)
    assert read(tmp_path / "b.tif").spacing == ()


def test_pillow_reads_simple_files_by_itself(tmp_path: Path):
    tifffile.imwrite(tmp_path / "a.tif", STACK[0].astype(np.uint8))
    tifffile.imwrite(tmp_path / "b.tif", STACK.astype(np.uint8))
    assert not beyond_pillow(tmp_path / "a.tif")
    assert not beyond_pillow((tmp_path / "a.tif").read_bytes())
    assert beyond_pillow(tmp_path / "b.tif")
    assert beyond_pillow((tmp_path / "b.tif").read_bytes())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_truncated_stack_is_refused(tmp_path: Path, way: dict):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, STACK, **way)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    with pytest.raises(UnreadableError):
        read(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


@settings(max_examples=100, deadline=None)
@pytest.mark.filterwarnings("ignore")
@given(way=st.sampled_from(["plain", "compressed", "tiles"]), data=st.data())
def test_no_damage_gives_anything_but_numbers_or_our_refusal(way: str, data: st.DataObject, place: Path):
    path = place / "a.tif"
    tifffile.imwrite(path, STACK, **WAYS[way])
    content = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, min(len(content), 400) - 1), min_size=1, max_size=3)):
        content[at] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        values = read(path).values
    except UnreadableError:
        values = np.zeros(1)
    assert values.dtype.kind in "iuf"
