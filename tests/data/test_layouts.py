"""The choice of a layout."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from netwright.data import layouts
from netwright.data.kinds import Kind
from netwright.data.layouts import recognised, sources
from netwright.data.reading import READING, Reading
from netwright.data.stored import Stored
from netwright.errors import DataError
from netwright.plugins import Plugin, PluginWarning

Save = Callable[[Path, np.ndarray], Path]


def test_every_layout_has_its_parts():
    assert list(sources()) == [
        "camvid", "cityscapes", "folders", "nnunet", "pairs", "parquet", "stacks", "voc",
    ]  # fmt: skip
    assert all(source.tasks for source in sources().values())


def test_an_unknown_folder_is_told_what_each_layout_misses(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError) as refusal:
        recognised(tmp_path, READING)
    lines = str(refusal.value).splitlines()
    assert lines[0] == f"`{tmp_path}` has no layout that is known:"
    assert [line.split(":")[0].strip() for line in lines[1:]] == list(sources())
    assert "  voc: it has no folder JPEGImages" in lines
    assert "  camvid: it has no folder train" in lines


def test_an_empty_folder_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match="has no layout that is known"):
        recognised(tmp_path, READING)


@pytest.fixture
def masks_in_folders(tmp_path: Path, save: Save, noise) -> Path:
    """Two class folders whose names are those of images and masks, with the same file names."""
    for k in range(4):
        save(tmp_path / "images" / f"{k}.png", noise(k))
        save(tmp_path / "labels" / f"{k}.png", noise(k, most=2))
    return tmp_path


def test_images_and_labels_are_pairs_and_not_two_classes(masks_in_folders: Path):
    assert Kind.MASK in recognised(masks_in_folders, READING).splits["train"].targets


def test_the_caller_overrules_the_choice(masks_in_folders: Path):
    for reading in (Reading(layout="folders"), Reading(task="classification")):
        assert recognised(masks_in_folders, reading).classes == ("images", "labels")


def test_class_folders_that_are_called_images_and_labels_stay_classes(tmp_path: Path, save: Save, noise):
    for k in range(4):
        save(tmp_path / "images" / f"photo{k}.png", noise(k))
        save(tmp_path / "labels" / f"sticker{k}.png", noise(k))
    assert recognised(tmp_path, READING).classes == ("images", "labels")


def test_photographs_in_the_place_of_masks_are_refused_with_the_way_out(tmp_path: Path, save: Save, noise):
    for k in range(4):
        for name in ("images", "labels"):
            save(tmp_path / name / f"{k}.png", noise(k, (30, 40, 3)))
    with pytest.raises(DataError, match=r"more than 64 different values .* say --layout folders"):
        recognised(tmp_path, READING)


def test_a_folder_that_fits_two_layouts_is_refused_with_both(tmp_path: Path, save: Save, noise):
    for folder in ("JPEGImages", "SegmentationClass", "train", "trainannot"):
        save(tmp_path / folder / "a.png", noise(most=2))
    with pytest.raises(
        DataError, match=r"camvid \(segmentation\), voc \(segmentation\); name one by --layout"
    ):
        recognised(tmp_path, READING)
    assert len(recognised(tmp_path, Reading(layout="voc")).classes) == 21


def test_a_layout_that_is_asked_for_says_why_it_does_not_fit(tmp_path: Path):
    with pytest.raises(DataError, match="is not laid out as voc: it has no folder JPEGImages"):
        recognised(tmp_path, Reading(layout="voc"))


def test_an_unknown_layout_is_refused_with_the_nearest(tmp_path: Path):
    with pytest.raises(DataError, match="there is no layout called `pair`; there are pairs"):
        recognised(tmp_path, Reading(layout="pair"))


def test_a_layout_of_another_package_is_one_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own = SimpleNamespace(
        matches=lambda path: "", stored=lambda path, reading: Stored(("a",), {}), TASKS=("x",)
    )
    found = [Plugin("mine", "p 1", own), Plugin("voc", "p 1", own), Plugin("bad", "p 1", SimpleNamespace())]

    def accept(group: str, add: Callable) -> None:
        assert group == "sources"
        add(found[0])
        for plugin in found[1:]:
            with pytest.raises((ValueError, AttributeError)):
                add(plugin)

    sources.cache_clear()
    monkeypatch.setattr(layouts, "accept", accept)
    assert recognised(tmp_path, READING).classes == ("a",)
    sources.cache_clear()
    assert PluginWarning


def test_a_layout_that_is_like_none_is_answered_by_all(tmp_path):
    with pytest.raises(
        DataError, match=r"there is no layout called `foo`; there are camvid, .*folders, .*voc"
    ):
        recognised(tmp_path, Reading(layout="foo"))
