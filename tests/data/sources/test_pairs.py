"""Images and masks by name: each form of layouts 1 to 3, and what is missing."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from netwright.data.kinds import Kind
from netwright.data.reading import READING, Reading
from netwright.data.sources.pairs import matches, stored
from netwright.errors import DataError

Save = Callable[[Path, np.ndarray], Path]
IMAGE, MASK = np.zeros((6, 8), np.uint8), np.eye(6, 8, dtype=np.uint8)

FORMS = {
    "folders": [("images/a.png", "masks/a.png"), ("images/b.png", "masks/b.png")],
    "other words": [("img/a.jpg", "annotations/a.png")],
    "a suffix": [("imgs/a.jpg", "masks/a_mask.gif"), ("imgs/b.jpg", "masks/b_mask.gif")],
    "one folder": [("a.tif", "a_masks.tif"), ("b.tif", "b_masks.tif")],
    "one folder for each patient": [("p1/a_1.tif", "p1/a_1_mask.tif"), ("p2/a_1.tif", "p2/a_1_mask.tif")],
    "prefixes": [("images/img_01.png", "masks/mask_01.png")],
    "both suffixes": [("a_sat.png", "a_mask.png")],
    "volumes": [("images/a.nii.gz", "labels/a.nii.gz")],
    "deeper masks": [
        ("images/a.png", "annotations/trimaps/a.png"),
        ("images/b.png", "annotations/trimaps/b.png"),
    ],
}


def write(root: Path, save: Save, pairs: list[tuple[str, str]]) -> None:
    for image, mask in pairs:
        for name, values in ((image, IMAGE), (mask, MASK)):
            save(root / name, values[None].repeat(5, 0) if ".nii" in name else values)


@pytest.mark.parametrize("form", [name for name in FORMS if name != "both suffixes"])
def test_pairs_are_found(tmp_path: Path, save: Save, form: str):
    write(tmp_path, save, FORMS[form])
    assert matches(tmp_path) == ""
    split = stored(tmp_path, READING).splits["train"]
    found = zip(split.images, split.targets[Kind.MASK], strict=True)
    assert sorted(found) == sorted((tmp_path / image, tmp_path / mask) for image, mask in FORMS[form])


@pytest.mark.parametrize(
    "form",
    [
        "{split}/images/{name}.png {split}/masks/{name}.png",
        "images/{split}/{name}.png labels/{split}/{name}.png",
        "{split}/{name}.jpg {split}_masks/{name}_mask.gif",
        "{split}/{name}.png {split}/{name}_mask.png",
    ],
)
def test_splits_lie_outside_or_inside(tmp_path: Path, save: Save, form: str):
    for split, names in {"train": "abc", "val": "d", "Test": "ef"}.items():
        write(tmp_path, save, [tuple(form.format(split=split, name=name).split()) for name in names])
    assert matches(tmp_path) == ""
    splits = stored(tmp_path, READING).splits
    assert {name: len(split) for name, split in splits.items()} == {"train": 3, "valid": 1, "test": 2}


def test_images_of_a_split_without_masks_are_left_out(tmp_path: Path, save: Save):
    write(tmp_path, save, [("train/images/a.png", "train/masks/a.png")])
    save(tmp_path / "test" / "images" / "b.png", IMAGE)
    assert stored(tmp_path, READING).splits.keys() == {"train"}


def test_other_files_beside_the_folders_are_left_out(tmp_path: Path, save: Save):
    write(tmp_path, save, FORMS["folders"])
    save(tmp_path / "overview.png", IMAGE)
    assert len(stored(tmp_path, READING).splits["train"]) == 2


def test_examples_come_in_the_order_of_their_numbers_and_belong_together(tmp_path: Path, save: Save):
    write(tmp_path, save, [(f"images/f{k}.png", f"masks/f{k}.png") for k in (10, 9, 1)])
    split = stored(tmp_path, READING).splits["train"]
    assert [path.name for path in split.images] == ["f1.png", "f9.png", "f10.png"]
    assert split.groups == ["images/f"] * 3
    assert stored(tmp_path, Reading(group="none")).splits["train"].groups == [
        f"images/f{k}.png" for k in (1, 9, 10)
    ]


def test_an_image_without_a_mask_is_refused_by_name(tmp_path: Path, save: Save):
    write(tmp_path, save, FORMS["folders"])
    lost = save(tmp_path / "images" / "c.png", IMAGE)
    with pytest.raises(DataError, match=f"the image `{lost}` in `{tmp_path}` has no mask; add it or remove"):
        stored(tmp_path, READING)


def test_a_mask_without_an_image_is_refused_by_name(tmp_path: Path, save: Save):
    write(tmp_path, save, FORMS["folders"])
    save(tmp_path / "masks" / "c.png", MASK)
    with pytest.raises(DataError, match=r"the mask `.*c.png` in .* has no image"):
        stored(tmp_path, READING)


def test_two_masks_of_one_image_are_refused(tmp_path: Path, save: Save):
    write(tmp_path, save, FORMS["folders"])
    save(tmp_path / "masks" / "a_mask.png", MASK)
    with pytest.raises(DataError, match="belong to the same example, `a`"):
        stored(tmp_path, READING)


def test_masks_for_the_test_only_are_refused(tmp_path: Path, save: Save):
    write(tmp_path, save, [("test/images/a.png", "test/masks/a.png")])
    with pytest.raises(DataError, match="has masks for test only; there is nothing to train on"):
        stored(tmp_path, READING)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([], "it has no masks"),
        (["images/a.png"], "it has no masks"),
        (["cats/a.png", "dogs/a.png"], "it has no masks"),
        (["masks/a.png"], "it has masks but no images"),
        (
            ["images/a.png", "images/b.png", "masks/x.png", "masks/y.png"],
            "do not have the names of its images",
        ),
    ],
)
def test_a_folder_without_pairs_is_told_what_it_misses(
    tmp_path: Path, save: Save, files: list[str], reason: str
):
    for file in files:
        save(tmp_path / file, IMAGE)
    assert reason in matches(tmp_path)


def test_a_file_is_no_folder_of_pairs(tmp_path: Path, save: Save):
    assert matches(save(tmp_path / "a.png", IMAGE)) == "it is a file"
