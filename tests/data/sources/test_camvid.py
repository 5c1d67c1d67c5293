"""CamVid as SegNet distributes it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from netwright.data.reading import READING, Reading
from netwright.data.sources.camvid import matches, stored
from netwright.errors import DataError

Save = Callable[[Path, np.ndarray], Path]


@pytest.fixture
def write(tmp_path: Path, save: Save) -> Callable[..., Path]:
    def make(*values: int) -> Path:
        mask = np.resize(np.array(values, np.uint8), (6, 8))
        for split, names in {"train": "ab", "val": "c", "test": "d"}.items():
            for name in names:
                save(tmp_path / split / f"0001TP_{name}.png", np.zeros((6, 8, 3), np.uint8))
                save(tmp_path / f"{split}annot" / f"0001TP_{name}.png", mask)
        return tmp_path

    return make


def test_its_classes_are_known_and_11_is_ignored(write):
    root = write(*range(12))
    assert matches(root) == ""
    data = stored(root, READING)
    assert {name: len(split) for name, split in data.splits.items()} == {"train": 2, "valid": 1, "test": 1}
    assert (data.classes[0], data.classes[10], len(data.classes)) == ("sky", "bicyclist", 11)
    assert (data.values, data.ignore) == (tuple(range(11)), (11,))


def test_other_data_in_its_folders_has_the_classes_of_its_values(write):
    assert stored(write(0, 255), READING).values == (0, 255)
    assert stored(write(0, 30), Reading(classes=("a", "b"))).classes == ("a", "b")


def test_an_image_without_a_mask_is_refused(write, save: Save):
    root = write(*range(12))
    save(root / "val" / "x.png", np.zeros((6, 8, 3), np.uint8))
    with pytest.raises(DataError, match=r"the image `.*x\.png` in .* has no mask"):
        stored(root, READING)


def test_what_is_missing_is_named(tmp_path: Path):
    assert matches(tmp_path) == "it has no folder train"
    (tmp_path / "train").mkdir()
    assert matches(tmp_path) == "it has no folder trainannot"
