"""Volumes as pages."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from netwright.data.kinds import Kind
from netwright.data.pages import as_pages
from netwright.data.read import read
from netwright.data.stored import Content, StoredSplit
from netwright.errors import DataError

Save = Callable[[Path, np.ndarray], Path]


def split(image: Content, mask: Content) -> StoredSplit:
    return StoredSplit([image], {Kind.MASK: [mask]}, lambda _: f"`{image}`", ["g"])


@pytest.mark.parametrize("suffix", [".npy", ".tif"])
def test_every_page_of_a_volume_is_an_image_and_a_file_is_a_group(
    tmp_path: Path, save: Save, noise, suffix: str
):
    volume = noise(shape=(7, 6, 8))
    path = save(tmp_path / f"a{suffix}", volume)
    pages = as_pages(split(path, save(tmp_path / f"b{suffix}", volume // 128)))
    assert len(pages) == 7
    np.testing.assert_array_equal(read(pages.images[3]).values[0], volume[3])
    np.testing.assert_array_equal(read(pages.targets[Kind.MASK][3]).values[0], volume[3] // 128)
    assert pages.place(3) == f"page 3 of `{path}`"
    assert set(pages.groups) == {str(path)}


def test_images_stay_as_they_are(tmp_path: Path, save: Save, noise):
    path = save(tmp_path / "a.png", noise())
    pages = as_pages(split(path, path))
    assert (pages.images, pages.groups, pages.place(0)) == ([path], ["g"], f"`{path}`")


def test_a_volume_that_has_no_pages_or_another_number_is_refused(tmp_path: Path, save: Save, noise):
    volume = noise(shape=(7, 6, 8))
    nifti = save(tmp_path / "a.nii", volume)
    with pytest.raises(DataError, match="is a volume that is not stored by pages; read it with dims=3"):
        as_pages(split(nifti, nifti))
    with pytest.raises(DataError, match="is 7x6x8 and its mask is 5x6x8; they must agree"):
        as_pages(split(save(tmp_path / "a.npy", volume), save(tmp_path / "b.npy", volume[:5])))
