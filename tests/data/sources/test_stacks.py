"""Stacks of pages and their labels, in each form of layout 10."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from netwright.data.examples import Data
from netwright.data.kinds import Kind
from netwright.data.reading import READING, Reading
from netwright.data.sources.stacks import matches, stored
from netwright.data.stored import Page
from netwright.errors import DataError

Save = Callable[[Path, np.ndarray], Path]


@pytest.fixture
def volume(noise) -> np.ndarray:
    return noise(0, (30, 6, 8))


@pytest.fixture
def labels(noise) -> np.ndarray:
    return noise(1, (30, 6, 8), 2) * 255


def in_zarr(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    import zarr

    group = zarr.open_group(path, mode="w")
    for name, values in arrays.items():
        group.create_array(name, shape=values.shape, dtype=values.dtype)
        group[name][:] = values
    return path


def tifs(root: Path, save: Save, volume: np.ndarray, labels: np.ndarray) -> Path:
    save(root / "train-volume.tif", volume)
    save(root / "train-labels.tif", labels)
    save(root / "test-volume.tif", volume)  # its labels are withheld
    return root


def npys(root: Path, save: Save, volume: np.ndarray, labels: np.ndarray) -> Path:
    save(root / "images.npy", volume)
    save(root / "masks.npy", labels)
    return root


def npz(root: Path, save: Save, volume: np.ndarray, labels: np.ndarray) -> Path:
    np.savez_compressed(root / "cells.npz", x_train=volume, y_train=labels)
    return root / "cells.npz"


def in_store(root: Path, save: Save, volume: np.ndarray, labels: np.ndarray) -> Path:
    return in_zarr(root / "cells.zarr", {"raw": volume, "labels": labels})


@pytest.mark.parametrize("write", [tifs, npys, npz, in_store])
def test_pages_are_images_and_consecutive_ones_stay_together(
    tmp_path: Path, save: Save, volume, labels, write
):
    root = write(tmp_path, save, volume, labels)
    assert matches(root) == ""
    data = Data.load(str(root))
    assert data.layout == "30 slices, 6x8 grey, values {0, 255} → 2 classes; 20 train, 4 valid, 6 test"
    np.testing.assert_array_equal(data.valid.inputs[:, 0], volume[20:24])
    np.testing.assert_array_equal(data.test.targets[Kind.MASK], labels[24:])


@pytest.mark.parametrize("write", [tifs, npys, npz, in_store])
def test_the_same_in_three_dimensions(tmp_path: Path, save: Save, volume, labels, write):
    data = Data.load(str(write(tmp_path, save, volume, labels)), dims=3)
    assert data.layout.startswith("3 volumes, 4x6x8 to 20x6x8 grey, values {0, 255}")
    np.testing.assert_array_equal(data.train.inputs[0][0], volume[:20])
    np.testing.assert_array_equal(data.test.targets[Kind.MASK][0], labels[24:])


@pytest.mark.parametrize("axis", [1, 3])
def test_channels_are_the_axis_that_the_labels_lack(tmp_path: Path, save: Save, noise, labels, axis: int):
    volume = noise(0, (30, 6, 8, 5))
    data = Data.load(str(npys(tmp_path, save, np.moveaxis(volume, 3, axis), labels)))
    assert data.channels == 5
    np.testing.assert_array_equal(data.train.inputs[7], volume[7].transpose(2, 0, 1))


def test_one_label_for_an_image_is_its_class(tmp_path: Path, noise):
    arrays = {
        f"{split}_images": noise(0, (n, 6, 8, 3)) for split, n in {"train": 20, "val": 4, "test": 6}.items()
    }
    arrays |= {name.replace("images", "labels"): noise(1, (len(a), 1), 3) for name, a in arrays.items()}
    np.savez(tmp_path / "tiny.npz", **arrays)
    data = Data.load(str(tmp_path / "tiny.npz"), classes=("a", "b", "c"))
    assert [len(part) for part in (data.train, data.valid, data.test)] == [20, 4, 6]
    assert data.input == (3, 6, 8)
    assert data.train.targets[Kind.CLASS].tolist() == arrays["train_labels"][:, 0].tolist()
    assert data.layout.startswith("30 images, 6x8 colour, 3 classes")
    with pytest.raises(DataError, match=r"the label 2, which is not a class; the 2 names .* are for 0\.\.1"):
        stored(tmp_path / "tiny.npz", Reading(classes=("a", "b")))


def test_changed_arrays_of_classes_are_decoded_anew(tmp_path: Path, noise):
    digests = set()
    for seed in (0, 1):
        np.savez(tmp_path / "t.npz", x=noise(seed, (20, 6, 8)), y=np.arange(20) % 2)
        digests.add(Data.load(str(tmp_path / "t.npz")).digest)
    assert len(digests) == 2


def test_several_stacks_are_groups(tmp_path: Path, save: Save, volume, labels):
    for k in range(4):
        save(tmp_path / f"s{k}-volume.tif", volume[:5])
        save(tmp_path / f"s{k}-labels.tif", labels[:5])
    split = stored(tmp_path, READING).splits["train"]
    assert len(split) == 20
    assert len(set(split.groups)) == 4
    assert split.images[7] == Page(tmp_path / "s1-volume.tif", 2)
    assert split.place(7) == f"`page 2 of {tmp_path / 's1-volume.tif'}`"


def test_the_caller_may_say_that_pages_are_independent(tmp_path: Path, save: Save, volume, labels):
    split = stored(tifs(tmp_path, save, volume, labels), Reading(group="none")).splits["train"]
    assert len(set(split.groups)) == 30


def test_stacks_of_different_lengths_are_refused(tmp_path: Path, save: Save, volume, labels):
    with pytest.raises(
        DataError, match=r"volume\.tif` is 30x6x8 and `.*labels\.tif` is 29x6x8; they must agree"
    ):
        stored(tifs(tmp_path, save, volume, labels[:29]), READING)


def test_a_damaged_stack_is_refused(tmp_path: Path, save: Save, volume, labels):
    tifs(tmp_path, save, volume, labels)
    file = tmp_path / "train-labels.tif"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(DataError, match=r"a stack in .* cannot be read: it is not a readable TIFF"):
        stored(tmp_path, READING)


def test_labels_for_the_test_only_are_refused(tmp_path: Path, save: Save, volume, labels):
    save(tmp_path / "test-volume.tif", volume)
    save(tmp_path / "test-labels.tif", labels)
    with pytest.raises(DataError, match="has labels for test only; there is nothing to train on"):
        stored(tmp_path, READING)


def test_a_folder_without_stacks_is_told_so(tmp_path: Path, save: Save, volume):
    save(tmp_path / "train-volume.tif", volume)
    assert matches(tmp_path).startswith(
        "it has no two arrays with names such as train-volume and train-labels"
    )
    (tmp_path / "x.npz").write_bytes(b"damaged")
    assert "not a readable NumPy file" in matches(tmp_path / "x.npz")


def test_colours_of_a_stack_match_the_file(tmp_path: Path, save: Save, noise, labels):
    data = Data.load(str(npys(tmp_path, save, noise(0, (30, 6, 8), 60000, np.uint16), labels)))
    assert data.train.inputs.dtype == torch.uint16
    assert data.range == (0.0, 65535.0)
