"""PASCAL VOC."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netwright.data.examples import Data
from netwright.data.kinds import Kind
from netwright.data.reading import READING, Reading
from netwright.data.sources.voc import matches, stored
from netwright.errors import DataError

NAMES = [f"2007_{k:06}" for k in range(12)]


@pytest.fixture
def voc(tmp_path: Path, save: Callable, noise) -> Path:
    for k, name in enumerate(NAMES):
        save(tmp_path / "JPEGImages" / f"{name}.jpg", noise(k, (6, 8, 3)))
        (tmp_path / "SegmentationClass").mkdir(exist_ok=True)
        mask = np.full((6, 8), 255, np.uint8)
        mask[1:4] = k % 21
        image = Image.fromarray(mask, "L").convert("P")
        image.putdata(mask.ravel().tolist())
        image.save(tmp_path / "SegmentationClass" / f"{name}.png")
    save(tmp_path / "JPEGImages" / "2007_999999.jpg", noise(0, (6, 8, 3)))  # without a segmentation
    lists = tmp_path / "ImageSets" / "Segmentation"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("\n".join(NAMES[:8]) + "\n")
    (lists / "val.txt").write_text("\n".join(NAMES[8:]))
    (lists / "test.txt").write_text("2007_999999\n")
    (lists / "trainval.txt").write_text("\n".join(NAMES))
    return tmp_path


def test_the_lists_are_the_splits_and_255_is_ignored(voc: Path):
    assert matches(voc) == ""
    data = stored(voc, READING)
    assert {name: len(split) for name, split in data.splits.items()} == {"train": 8, "valid": 4}
    assert (len(data.classes), data.classes[15], data.ignore) == (21, "person", (255,))
    assert not data.splits["train"].groups
    assert set(stored(voc, Reading(group=r"^JPEGImages/(\d+)")).splits["train"].groups) == {"2007"}


def test_masks_are_read_by_the_index_of_their_palette(voc: Path):
    data = Data.load(str(voc))
    mask = data.valid.targets[Kind.MASK][0]
    assert mask.unique().tolist() == [8, 255]
    assert [len(part) for part in (data.train, data.valid, data.test)] == [6, 4, 2]
    assert data.layout.startswith("12 pairs, 6x8 colour, values 0..20 → 21 classes, {255} ignored")


def test_without_lists_every_mask_is_for_training(voc: Path):
    for file in (voc / "ImageSets" / "Segmentation").iterdir():
        file.unlink()
    assert {name: len(split) for name, split in stored(voc, READING).splits.items()} == {"train": 12}


def test_the_caller_may_name_other_classes(voc: Path):
    assert stored(voc, Reading(classes=("0=a", "7=b"))).values == (0, 7)


def test_lists_that_name_what_is_not_there_are_refused(voc: Path):
    (voc / "ImageSets" / "Segmentation" / "train.txt").write_text(f"{NAMES[0]} ../../x")
    with pytest.raises(DataError, match=r"train\.txt` names \.\./\.\./x .* of which there is no mask"):
        stored(voc, READING)


def test_a_mask_without_its_photograph_is_refused(voc: Path):
    (voc / "JPEGImages" / f"{NAMES[1]}.jpg").unlink()
    with pytest.raises(DataError, match=r"the mask `.*2007_000001\.png` in .* has no image"):
        stored(voc, READING)


def test_what_is_missing_is_named(tmp_path: Path):
    assert matches(tmp_path) == "it has no folder JPEGImages"
    (tmp_path / "JPEGImages").mkdir()
    assert matches(tmp_path) == "it has no folder SegmentationClass"
