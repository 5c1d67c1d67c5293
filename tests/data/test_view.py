"""Parts of files of every format, read when they are asked for."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile
import torch
import zarr
from PIL import Image

from netwright.data.stored import Channels, Page
from netwright.data.view import kind_of, view
from netwright.errors import UnreadableError

GREY = np.random.default_rng(0).integers(0, 256, (30, 41), dtype=np.uint8)
VOLUME = np.random.default_rng(1).integers(-900, 900, (12, 13, 14), dtype=np.int16)


def save_zarr(path: Path, values: np.ndarray) -> None:
    zarr.create_array(path, shape=values.shape, chunks=(5,) * values.ndim, dtype=values.dtype)[...] = values


def save_nifti(path: Path, values: np.ndarray) -> None:
    nibabel.save(nibabel.Nifti1Image(values, np.diag([2.0, 3.0, 4.0, 1.0])), path)


CASES = {
    "a.png": (lambda path, values: Image.fromarray(values).save(path), GREY, True),
    "a.npy": (np.save, GREY, False),
    "b.npy": (np.save, VOLUME, False),
    "a.tif": (tifffile.imwrite, GREY, True),
    "b.tif": (lambda path, values: tifffile.imwrite(path, values, compression="zlib"), VOLUME, False),
    "a.zarr": (save_zarr, VOLUME, False),
    "a.nii": (save_nifti, VOLUME, False),
    "a.nii.gz": (save_nifti, VOLUME, True),
}


@pytest.mark.parametrize("name", CASES)
def test_a_part_is_that_of_the_whole(tmp_path: Path, name: str):
    save, values, whole = CASES[name]
    save(tmp_path / name, values)
    image = view(tmp_path / name, values.ndim)
    assert image.shape == (1, *values.shape)
    part = tuple(slice(side // 4, side // 2) for side in values.shape)
    found = image[slice(None), *part]
    assert found.dtype == image.dtype == torch.from_numpy(values).dtype
    np.testing.assert_array_equal(found[0].numpy(), values[part])
    assert image.held == (values.nbytes if whole else 0)
    assert (image.affine is not None) == (".nii" in name)
    assert kind_of(tmp_path / name) == name[1:]


def test_channels_are_the_axis_that_the_file_or_the_caller_says(tmp_path: Path):
    colours = np.random.default_rng(2).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    np.save(tmp_path / "a.npy", colours)
    np.testing.assert_array_equal(
        view(tmp_path / "a.npy", 2)[slice(None), 3:9, 4:5].numpy(), colours.transpose(2, 0, 1)[:, 3:9, 4:5]
    )
    series = np.random.default_rng(3).random((2, 100))
    np.save(tmp_path / "b.npy", series)
    assert view(tmp_path / "b.npy", 1).shape == (2, 100)
    assert view(tmp_path / "b.npy", 2).shape == (1, 2, 100)
    assert view(Page(tmp_path / "b.npy", None, "", 1), 1).shape == (100, 2)


def test_channels_of_several_files_are_joined(tmp_path: Path):
    for k in range(2):
        Image.fromarray(GREY + k).save(tmp_path / f"{k}.png")
    image = view(Channels((tmp_path / "0.png", tmp_path / "1.png")), 2)
    assert image.shape == (2, 30, 41)
    assert kind_of(Channels(())) == ""


def test_another_number_of_axes_is_refused(tmp_path: Path):
    np.save(tmp_path / "a.npy", VOLUME)
    with pytest.raises(UnreadableError, match="it is 1x12x13x14, and 2 axes of space are wanted"):
        view(tmp_path / "a.npy", 2)


def test_pictures_above_the_limit_are_refused(tmp_path: Path):
    Image.fromarray(GREY).save(tmp_path / "a.png")
    with pytest.raises(UnreadableError, match="it has 1,230 pixels, and the limit is 100"):
        view(tmp_path / "a.png", 2, max_pixels=100)


def test_what_windows_beside_each_other_share_is_kept(tmp_path: Path):
    """Windows of 20 rows touch up to four strips of 8 rows."""
    tifffile.imwrite(
        tmp_path / "a.tif", np.zeros((5, 100, 50), np.uint16), rowsperstrip=8, compression="zlib"
    )
    image = view(tmp_path / "a.tif", 3)
    image.keep((2, 20, 10), 1 << 20)
    assert image.array.cache == 2 * 4 * 8 * 50 * 2
    image.keep((2, 20, 10), 1000)
    assert image.array.cache == 1000
    view(tmp_path / "a.tif", 3)[slice(None), 2:4, 7:9, :]
    assert sum(each.nbytes for each in image.array._kept.values()) <= 1000
