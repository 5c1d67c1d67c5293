"""nnU-Net and the Medical Segmentation Decathlon, and a `dataset.json` that lies."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netwright.data.examples import Data
from netwright.data.kinds import Kind
from netwright.data.reading import READING, Reading
from netwright.data.sources.nnunet import matches, stored
from netwright.data.stored import Channels
from netwright.errors import DataError

NEW = {"channel_names": {"0": "T1", "1": "T2"}, "labels": {"background": 0, "core": 1, "ignore": 2},
       "numTraining": 4, "file_ending": ".nii.gz"}  # fmt: skip
CASES = [{"image": f"./imagesTr/c_{k}.nii.gz", "label": f"./labelsTr/c_{k}.nii.gz"} for k in range(4)]
OLD = {"modality": {"0": "MRI"}, "labels": {"0": "background", "1": "Anterior"}, "numTraining": 4,
       "training": CASES, "test": ["./imagesTs/c_9.nii.gz"]}  # fmt: skip


@pytest.fixture
def write(tmp_path: Path, save: Callable, noise) -> Callable[..., Path]:
    def make(facts: dict[str, Any], *, endings: tuple[str, ...] = ("_0000", "_0001"), **changes) -> Path:
        for k in range(4):
            for number, ending in enumerate(endings):
                save(
                    tmp_path / "imagesTr" / f"c_{k}{ending}.nii.gz",
                    noise(number, (5, 6, 7 + k), 999, np.int16),
                )
            save(tmp_path / "labelsTr" / f"c_{k}.nii.gz", noise(k, (5, 6, 7 + k), 2))
        (tmp_path / "dataset.json").write_text(json.dumps(facts | changes))
        return tmp_path

    return make


def test_channels_are_files_of_their_own(write):
    root = write(NEW)
    assert matches(root) == ""
    data = stored(root, READING)
    split = data.splits["train"]
    assert split.images[1] == Channels(tuple(root / "imagesTr" / f"c_1_{k:04}.nii.gz" for k in range(2)))
    assert split.targets[Kind.MASK][1] == root / "labelsTr" / "c_1.nii.gz"
    assert split.groups == ["c_0", "c_1", "c_2", "c_3"]
    assert stored(root, Reading(group="c_")).splits["train"].groups == ["c_"] * 4
    assert (data.classes, data.values, data.ignore) == (("background", "core"), (0, 1), (2,))


def test_the_older_form_has_one_file_for_a_case(write):
    data = stored(write(OLD, endings=("",)), READING)
    assert data.classes == ("background", "Anterior")
    assert len(data.splits["train"]) == 4


def test_cases_load_as_volumes_of_their_own_sizes(write):
    data = Data.load(str(write(NEW)))
    assert [len(part) for part in (data.train, data.valid, data.test)] == [2, 1, 1]
    assert all(shape[0] == 2 and len(shape) == 4 for shape in data.train.shapes)
    assert data.layout.startswith(
        "4 volumes, 5x6x7 to 5x6x10 int16 with 2 channels, values {0, 1} → 2 classes, {2} ign"
    )


def test_one_file_of_four_axes_holds_all_channels(write, save: Callable, noise):
    root = write(OLD, endings=("",), modality={"0": "T1", "1": "T2"})
    for k in range(4):
        save(root / "imagesTr" / f"c_{k}.nii.gz", noise(k, (5, 6, 7 + k, 2), 999, np.int16))
    assert Data.load(str(root)).channels == 2


def test_a_picture_holds_all_channels(tmp_path: Path, save: Callable, noise):
    save(tmp_path / "imagesTr" / "a_0000.png", noise(0, (6, 8, 3)))
    save(tmp_path / "labelsTr" / "a.png", noise(0, (6, 8), 2))
    facts = {"channel_names": {"0": "R", "1": "G", "2": "B"}, "labels": {"bg": 0, "x": 1}, "numTraining": 1}
    (tmp_path / "dataset.json").write_text(json.dumps(facts))
    assert stored(tmp_path, READING).splits["train"].images == [tmp_path / "imagesTr" / "a_0000.png"]


def test_labelled_test_cases_are_the_test(write, save: Callable, noise):
    root = write(OLD, endings=("",))
    save(root / "imagesTs" / "c_9.nii.gz", noise(0, (5, 6, 7)))
    assert stored(root, READING).splits.keys() == {"train"}
    save(root / "labelsTs" / "c_9.nii.gz", noise(0, (5, 6, 7), 2))
    assert len(stored(root, READING).splits["test"]) == 1


LIES = {
    "the number": ({"numTraining": 5}, r"says numTraining 5, and there are 4 cases"),
    "a third channel": (
        {"channel_names": {"0": "a", "1": "b", "2": "c"}},
        "no image `c_0_0002`; dataset.json names 3",
    ),
    "too few channels": (
        {"channel_names": {"0": "a"}},
        r"c_0_0001\.nii\.gz` belongs to no case .*channels: 1",
    ),
    "no channels": ({"channel_names": {}}, "has no `channel_names`"),
    "no labels": ({"labels": None}, "has no `labels`"),
    "regions": (
        {"labels": {"background": 0, "whole": [1, 2]}},
        r"gives `whole` the labels \[1, 2\]; regions",
    ),
    "a missing file": (
        {"training": [{"image": "imagesTr/x.nii.gz"}]},
        "names `imagesTr/x.nii.gz`, which does not",
    ),
    "a file elsewhere": ({"training": ["../../etc/passwd"]}, "which lies outside of the folder"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_description_that_lies_is_refused(write, lie: str):
    changes, message = LIES[lie]
    with pytest.raises(DataError, match=message):
        stored(write(NEW, **changes), READING)


def test_the_channels_inside_a_file_are_counted(write):
    with pytest.raises(DataError, match=r"names 2 channels, and `.*c_0\.nii\.gz` has 1"):
        stored(write(OLD, endings=("",), modality={"0": "T1", "1": "T2"}), READING)


@pytest.mark.parametrize("text", ["", "[]", "{", '"x"'])
def test_a_damaged_description_is_refused(write, text: str):
    root = write(NEW)
    (root / "dataset.json").write_text(text)
    with pytest.raises(DataError, match=r"dataset\.json"):
        stored(root, READING)


def test_what_is_missing_is_named(tmp_path: Path):
    for name in ("imagesTr", "labelsTr"):
        assert matches(tmp_path) == f"it has no folder {name}"
        (tmp_path / name).mkdir()
    assert matches(tmp_path) == "it has no file dataset.json"
