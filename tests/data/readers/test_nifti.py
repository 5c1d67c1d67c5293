"""NIfTI volumes, written by nibabel."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from netwright.data.read import read, read_map
from netwright.data.readers.nifti import opened
from netwright.errors import UnreadableError

AFFINE = np.array([[0, -2.0, 0, 7], [1.5, 0, 0, -4], [0, 0, 3.0, 1], [0, 0, 0, 1]])
VALUES = np.random.default_rng(0).integers(-50, 1000, (5, 6, 7)).astype(np.int16)


def write(path: Path, values: np.ndarray = VALUES) -> Path:
    nibabel.save(nibabel.Nifti1Image(values, AFFINE), path)
    return path


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_a_volume_has_its_type_its_spacing_and_its_affine(tmp_path: Path, name: str):
    picture = read(write(tmp_path / name))
    assert picture.values.dtype == np.int16
    np.testing.assert_array_equal(picture.values[0], VALUES)
    assert picture.spacing == (1.5, 2.0, 3.0)
    np.testing.assert_array_equal(picture.affine, AFFINE)


def test_only_a_file_that_is_not_compressed_is_mapped(tmp_path: Path):
    assert isinstance(opened(write(tmp_path / "a.nii")).array, np.memmap)
    assert not isinstance(opened(write(tmp_path / "a.nii.gz")).array, np.memmap)


def test_a_fourth_axis_holds_the_channels(tmp_path: Path):
    values = np.random.default_rng(0).random((5, 6, 7, 12)).astype(np.float32)
    np.testing.assert_array_equal(read(write(tmp_path / "a.nii", values)).values, np.moveaxis(values, 3, 0))
    flat = write(tmp_path / "b.nii", VALUES[..., None])
    np.testing.assert_array_equal(read(flat).values[0], VALUES)


def test_scaled_values_are_scaled(tmp_path: Path):
    image = nibabel.Nifti1Image(VALUES, AFFINE)
    image.header.set_slope_inter(0.5, 10)
    nibabel.save(image, tmp_path / "a.nii")
    picture = read(tmp_path / "a.nii")
    assert picture.values.dtype == np.float32
    np.testing.assert_allclose(
        picture.values[0], np.asarray(nibabel.load(tmp_path / "a.nii").dataobj), rtol=1e-6
    )


def test_labels_stored_as_floats_are_integers(tmp_path: Path):
    labels = (VALUES > 0).astype(np.float64) * 2
    picture = read_map(write(tmp_path / "a.nii.gz", labels))
    assert picture.values.dtype.kind == "i"
    np.testing.assert_array_equal(picture.values[0], labels)
    with pytest.raises(UnreadableError, match="not integers"):
        read_map(write(tmp_path / "b.nii.gz", labels / 3))


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("length", [0, 20, 300, 370])
def test_a_truncated_volume_is_refused(tmp_path: Path, name: str, length: int):
    path = write(tmp_path / name)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(UnreadableError, match="not a readable NIfTI file"):
        read(path)
