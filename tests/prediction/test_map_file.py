"""Maps of every format, as the readers of others see them."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile
import zarr
from PIL import Image

from netwright.errors import DataError
from netwright.prediction import map_file

AFFINE = np.array([[0.0, -2, 0, 5], [3, 0, 0, -7], [0, 0, 4, 1], [0, 0, 0, 1]])
RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.integers(0, 5, (300, 611), dtype=np.uint8)
VOLUME = RANDOM.integers(-5, 900, (9, 70, 31), dtype=np.int16)
READERS = {
    "a.png": lambda path: np.array(Image.open(path)),
    "a.npy": np.load,
    "a.tif": tifffile.imread,
    "a.zarr": lambda path: zarr.open_array(path, mode="r")[...],
    "a.nii": lambda path: np.asarray(nibabel.load(path).dataobj),
    "a.nii.gz": lambda path: np.asarray(nibabel.load(path).dataobj),
}


def write(values, path, **options):
    map_file.write(values.__getitem__, values.shape, path, **options)


@pytest.mark.parametrize("small", [False, True], ids=["", "small blocks"])
@pytest.mark.parametrize("values", [IMAGE, VOLUME], ids=["image", "volume"])
@pytest.mark.parametrize("name", READERS)
def test_values_and_types_are_kept(tmp_path: Path, monkeypatch, name: str, values, small: bool):
    if name == "a.png" and values.ndim == 3:
        pytest.skip("a PNG file holds no volume")
    if small:
        monkeypatch.setattr(map_file, "BLOCK", 1000)
    path = tmp_path / "out" / name
    write(values, path, affine=AFFINE)
    found = READERS[name](path)
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values)
    if ".nii" in name:
        np.testing.assert_array_equal(nibabel.load(path).affine, AFFINE)
    assert [each.name for each in path.parent.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.npy", "a.tif", "a.zarr", "a.nii", "a.png"])
def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch, name: str):
    monkeypatch.setattr(map_file, "BLOCK", 1000)
    path = tmp_path / name
    write(IMAGE, path)

    def fails(part):
        if part[0].stop > 200:
            raise OSError("no space left on device")
        return IMAGE[part]

    with pytest.raises(OSError, match="no space left"):
        map_file.write(fails, IMAGE.shape, path)
    np.testing.assert_array_equal(READERS[name](path), IMAGE)
    assert [each.name for each in tmp_path.iterdir()] == [name]
    write(1 - IMAGE % 2, path)
    np.testing.assert_array_equal(READERS[name](path), 1 - IMAGE % 2)


@pytest.mark.parametrize("packed", [False, True])
def test_a_tiff_file_has_the_compression_and_the_place_of_another(tmp_path: Path, packed: bool):
    """The tags of GeoTIFF: scale and tie point of the pixels, and the reference system as short integers."""
    tags = [
        (33550, 12, 3, (0.5, 0.5, 0.0), True),
        (33922, 12, 6, (0.0, 0.0, 0.0, 600_000.0, 5_000_000.0, 0.0), True),
        (34735, 3, 8, (1, 1, 0, 1, 3072, 0, 1, 32632), True),
        (34737, 2, 8, "WGS 84|", True),
    ]
    image = np.zeros((50, 60, 3), np.uint8)
    compression = "zlib" if packed else None
    tifffile.imwrite(tmp_path / "a.tif", image, photometric="rgb", compression=compression, extratags=tags)
    write(np.zeros((50, 60), np.uint8), tmp_path / "b.tif", like=tmp_path / "a.tif")
    with tifffile.TiffFile(tmp_path / "a.tif") as mine, tifffile.TiffFile(tmp_path / "b.tif") as file:
        assert (file.pages[0].compression == 8) == packed
        for code, *_ in tags:
            assert file.pages[0].tags[code].value == mine.pages[0].tags[code].value
        assert file.geotiff_metadata == mine.geotiff_metadata


def test_blocks_cover_an_array_once(monkeypatch):
    monkeypatch.setattr(map_file, "BLOCK", 100)
    for shape in ((7, 30), (3, 400), (250,), (4, 5, 6)):
        seen = np.zeros(shape)
        for part in map_file.blocks(shape):
            seen[part] += 1
            assert seen[part].size <= max(100, seen[0].size)
        assert (seen == 1).all()


def test_a_format_without_volumes_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match="a PNG file holds an image"):
        write(VOLUME, tmp_path / "a.png")


@pytest.mark.parametrize("mapped", [False, True])
def test_a_scratch_array_is_zero_and_leaves_nothing(tmp_path: Path, mapped: bool):
    with map_file.scratch(tmp_path, (20, 30), np.uint8, mapped=mapped) as array:
        assert isinstance(array, np.memmap) == mapped
        assert not array.any()
        array[3:5] = 7
        assert array.sum() == 2 * 30 * 7
    assert list(tmp_path.iterdir()) == []
