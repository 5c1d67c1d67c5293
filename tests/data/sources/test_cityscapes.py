"""Cityscapes, with its table of ids."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from netwright.data.kinds import Kind, class_indices
from netwright.data.reading import READING, Reading
from netwright.data.sources.cityscapes import IDS, IGNORED, matches, stored
from netwright.errors import DataError


@pytest.fixture
def cityscapes(tmp_path: Path, save: Callable) -> Path:
    for split, cities in {"train": ("aachen", "bremen"), "val": ("munster",), "test": ("bonn",)}.items():
        for city in cities:
            for k in range(3):
                stem = f"{city}_{k:06}_000019"
                save(
                    tmp_path / "leftImg8bit" / split / city / f"{stem}_leftImg8bit.png",
                    np.zeros((6, 8, 3), np.uint8),
                )
                for kind in ("labelIds", "instanceIds", "color"):
                    name = f"{stem}_gtFine_{kind}.png"
                    save(
                        tmp_path / "gtFine" / split / city / name,
                        np.resize(np.arange(34, dtype=np.uint8), (6, 8)),
                    )
    return tmp_path


def test_ids_become_the_19_classes_of_the_official_table(cityscapes: Path):
    assert matches(cityscapes) == ""
    data = stored(cityscapes, READING)
    assert len(data.classes) == 19
    assert len(IDS) + len(IGNORED) == 35
    # trainId by id of cityscapesScripts, labels.py: 255 and -1 are not trained on
    train_ids = {7: 0, 8: 1, 11: 2, 12: 3, 13: 4, 17: 5, 19: 6, 20: 7, 21: 8, 22: 9, 23: 10, 24: 11, 25: 12,
                 26: 13, 27: 14, 28: 15, 31: 16, 32: 17, 33: 18}  # fmt: skip
    indices = class_indices(torch.arange(34), data.values, data.ignore)
    assert indices.tolist() == [train_ids.get(k, -1) for k in range(34)]


def test_splits_are_the_folders_and_cities_are_groups(cityscapes: Path):
    splits = stored(cityscapes, READING).splits
    assert {name: len(split) for name, split in splits.items()} == {"train": 6, "valid": 3}
    assert splits["train"].groups == ["aachen"] * 3 + ["bremen"] * 3
    assert all(str(mask).endswith("_labelIds.png") for mask in splits["train"].targets[Kind.MASK])


def test_the_caller_may_group_otherwise(cityscapes: Path):
    assert len(set(stored(cityscapes, Reading(group="none")).splits["train"].groups)) == 6


def test_an_image_without_labels_is_refused(cityscapes: Path):
    next((cityscapes / "gtFine" / "val").rglob("*_labelIds.png")).unlink()
    with pytest.raises(DataError, match=r"the image `.*munster_.*` in .* has no mask"):
        stored(cityscapes, READING)


def test_what_is_missing_is_named(tmp_path: Path):
    assert matches(tmp_path) == "it has no folder leftImg8bit/train"
    (tmp_path / "leftImg8bit" / "train").mkdir(parents=True)
    assert matches(tmp_path) == "it has no folder gtFine/train"
    (tmp_path / "gtFine" / "train").mkdir(parents=True)
    with pytest.raises(DataError, match="has no files"):
        stored(tmp_path, READING)
