"""Folders of images and of masks, paired by names."""

from pathlib import Path

import pytest

from netwright.lint.survey.tree import pairings


def touched(root: Path, names: str) -> Path:
    for name in names.split():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@pytest.mark.parametrize(
    "names",
    [
        "images/a.png images/b.png masks/a.png masks/b.png",
        "imgs/a.jpg imgs/b.jpg masks/a_mask.gif masks/b_mask.gif",
        "train/images/a.png train/images/b.png train/masks/a.png train/masks/b.png",
        "images/train/a.png images/train/b.png labels/train/a.png labels/train/b.png",
        "a.tif b.tif a_masks.tif b_masks.tif",
    ],
)
def test_each_form_is_paired(tmp_path, names):
    [pairing] = pairings(touched(tmp_path, names))
    assert [(image.stem[0], mask.stem[0]) for image, mask in pairing.pairs] == [("a", "a"), ("b", "b")]
    assert not pairing.lone_images
    assert not pairing.lone_masks
    assert not pairing.twice
    assert pairing.split == "train"


def test_splits_are_paired_each_by_itself(tmp_path):
    names = "images/train/a.png masks/train/a.png images/val/a.png masks/val/a.png masks/val/b.png"
    found = {pairing.split: pairing for pairing in pairings(touched(tmp_path, names))}
    assert set(found) == {"train", "valid"}
    assert [path.name for path in found["valid"].lone_masks] == ["b.png"]


def test_files_without_a_partner_and_names_that_occur_twice_are_told(tmp_path):
    names = "images/a.png images/b.png images/c.png images/a.jpg masks/a.png masks/b.png masks/d.png"
    [pairing] = pairings(touched(tmp_path, names))
    assert [path.name for path in pairing.lone_images] == ["c.png"]
    assert [path.name for path in pairing.lone_masks] == ["d.png"]
    assert sorted(path.name for path in pairing.twice["a"]) == ["a.jpg", "a.png"]


@pytest.mark.parametrize(
    "names",
    ["cat/a.png dog/b.png", "images/a.png labels/z.png", "images/a.png images/b.png", "notes.txt"],
)
def test_other_folders_are_not_paired(tmp_path, names):
    assert pairings(touched(tmp_path, names)) == []
