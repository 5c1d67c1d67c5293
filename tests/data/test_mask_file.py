"""Maps of values are read back by other programs as they were written."""

import numpy as np
import pytest
from PIL import Image

from netwright.data.mask_file import WRITERS, write
from netwright.errors import DataError, UsageError

VALUES = {"uint8": (0, 255), "uint16": (0, 700, 65535), "int32": (0, 9), "int64": (0, 300)}


def drawn(dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).choice(np.array(VALUES[dtype], dtype), shape)


@pytest.mark.parametrize("dtype", VALUES)
@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff"])
def test_pillow_reads_an_image_back(tmp_path, dtype, suffix):
    values = drawn(dtype, (6, 7))
    write(values, tmp_path / f"mask{suffix}")
    assert np.array_equal(np.asarray(Image.open(tmp_path / f"mask{suffix}")), values)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_tifffile_reads_the_pages_of_a_volume_in_its_type(tmp_path, dtype):
    tifffile = pytest.importorskip("tifffile")
    values = drawn(dtype, (4, 6, 7))
    write(values, tmp_path / "volume.tif")
    read = tifffile.imread(tmp_path / "volume.tif")
    assert read.dtype == dtype
    assert np.array_equal(read, values)


@pytest.mark.parametrize("dtype", VALUES)
def test_numpy_keeps_type_and_axes(tmp_path, dtype):
    values = drawn(dtype, (2, 3, 4))
    write(values, tmp_path / "mask.npy")
    read = np.load(tmp_path / "mask.npy")
    assert read.dtype == dtype
    assert np.array_equal(read, values)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_nibabel_reads_the_volume_with_its_affine_matrix(tmp_path, suffix):
    nibabel = pytest.importorskip("nibabel")
    affine = np.diag([0.5, 0.5, 2.0, 1.0])
    values = drawn("uint8", (3, 4, 5))
    write(values, tmp_path / f"mask{suffix}", affine)
    read = nibabel.load(tmp_path / f"mask{suffix}")
    assert np.array_equal(np.asarray(read.dataobj), values)
    assert read.get_data_dtype() == np.uint8
    assert np.array_equal(read.affine, affine)


def test_a_compressed_file_is_the_same_each_time(tmp_path):
    pytest.importorskip("nibabel")
    for name in ("one.nii.gz", "two.nii.gz"):
        write(drawn("int64", (3, 4, 5)), tmp_path / name)
    assert (tmp_path / "one.nii.gz").read_bytes() == (tmp_path / "two.nii.gz").read_bytes()


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("mask.jpg", np.zeros((2, 2), np.uint8), r"as \.jpg; use \.png"),
        ("mask", np.zeros((2, 2), np.uint8), "as a file; use"),
        ("mask.png", np.zeros((2, 2, 2), np.uint8), r"3 axes; use \.tif"),
        ("mask.png", np.full((2, 2), 70000), r"70000 to 70000; use \.npy"),
        ("mask.tif", np.full((2, 2), -1), r"-1 to -1; use \.npy"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_and_nothing_is_written(tmp_path, name, values, words):
    with pytest.raises(DataError, match=words):
        write(values, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_nifti_without_its_package_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr("netwright.data.readers.opened.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install netwright\[volumes\]"):
        write(np.zeros((2, 2), np.uint8), tmp_path / "mask.nii")


def test_every_format_has_a_test_here():
    assert set(WRITERS) == {".png", ".tif", ".tiff", ".npy", ".nii", ".nii.gz"}
