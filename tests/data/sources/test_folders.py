"""Folders of class folders: classes, splits, and what is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from netwright.data.kinds import Kind
from netwright.data.sources.folders import stored
from netwright.errors import DataError

Write = Callable[..., Path]


def test_classes_are_the_sorted_folder_names(tmp_path: Path, write_classes: Write):
    given = stored(write_classes(tmp_path, {"dog": 2, "Cat": 1, "ant": 3}))
    assert given.classes == ("Cat", "ant", "dog")
    assert list(given.splits) == ["train"]
    assert given.splits["train"].targets[Kind.CLASS] == [0, 1, 1, 1, 2, 2]
    assert [path.parent.name for path in given.splits["train"].images] == ["Cat", *["ant"] * 3, *["dog"] * 2]


def test_a_place_is_the_file(tmp_path: Path, write_classes: Write):
    given = stored(write_classes(tmp_path, {"a": 1, "b": 1}))
    assert given.splits["train"].place(1) == f"`{tmp_path / 'b' / '000.png'}`"


@pytest.mark.parametrize("name", ["valid", "val", "validation", "Val"])
def test_sub_folders_for_splits_are_known_by_several_names(tmp_path: Path, write_classes: Write, name: str):
    for split, count in {"train": 3, name: 1, "test": 2}.items():
        write_classes(tmp_path / split, {"a": count, "b": count})
    given = stored(tmp_path)
    assert {split: len(part) for split, part in given.splits.items()} == {"train": 6, "valid": 2, "test": 4}
    assert given.classes == ("a", "b")


def test_without_a_train_folder_test_is_a_class_like_any_other(tmp_path: Path, write_classes: Write):
    assert stored(write_classes(tmp_path, {"test": 1, "exam": 1})).classes == ("exam", "test")


def test_images_may_lie_deeper_in_their_class_and_end_in_any_case(tmp_path: Path, write_classes: Write):
    write_classes(tmp_path, {"a": 1, "b": 1})
    (tmp_path / "a" / "deep").mkdir()
    (tmp_path / "a" / "000.png").rename(tmp_path / "a" / "deep" / "x.PNG")
    assert stored(tmp_path).splits["train"].images[0] == tmp_path / "a" / "deep" / "x.PNG"


def test_hidden_and_other_files_and_folders_are_not_taken_as_images(tmp_path: Path, write_classes: Write):
    write_classes(tmp_path, {"a": 1, "b": 1})
    for name in ("a/notes.txt", "a/._000.png", ".cache/x.png", "a/Thumbs.db", "readme.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert len(stored(tmp_path).splits["train"]) == 2


def test_a_class_that_the_test_split_lacks_is_fine(tmp_path: Path, write_classes: Write):
    write_classes(tmp_path / "train", {"a": 1, "b": 1})
    write_classes(tmp_path / "test", {"b": 1})
    assert stored(tmp_path).splits["test"].targets[Kind.CLASS] == [1]


def test_an_empty_class_folder_is_refused_by_name(tmp_path: Path, write_classes: Write):
    write_classes(tmp_path, {"a": 1, "b": 1})
    (tmp_path / "c").mkdir()
    with pytest.raises(DataError, match=rf"the class folder `{tmp_path / 'c'}` has no images; .*\.jpg"):
        stored(tmp_path)


@pytest.mark.parametrize("inside", ["", "a", "train/a"])
def test_a_folder_with_no_images_is_refused(tmp_path: Path, inside: str):
    (tmp_path / inside).mkdir(parents=True, exist_ok=True)
    with pytest.raises(DataError, match=r"has no class folders with images; .*\.png"):
        stored(tmp_path)


def test_images_outside_class_folders_are_refused_with_the_folder_they_belong_in(
    tmp_path: Path, write_classes: Write
):
    write_classes(tmp_path, {".": 2})
    with pytest.raises(DataError, match="put the images of each class into their own folder"):
        stored(tmp_path)


def test_one_class_is_refused(tmp_path: Path, write_classes: Write):
    with pytest.raises(DataError, match="only one class folder, `all`"):
        stored(write_classes(tmp_path, {"all": 3}))


def test_a_class_that_is_never_trained_on_is_refused(tmp_path: Path, write_classes: Write):
    write_classes(tmp_path / "train", {"a": 1, "b": 1})
    write_classes(tmp_path / "test", {"a": 1, "c": 1})
    with pytest.raises(DataError, match=r"test/c` is not one of the training classes a, b"):
        stored(tmp_path)


def test_two_folders_for_one_split_are_refused(tmp_path: Path, write_classes: Write):
    for split in ("train", "val", "valid"):
        write_classes(tmp_path / split, {"a": 1, "b": 1})
    with pytest.raises(DataError, match="are both the valid split"):
        stored(tmp_path)


def test_a_split_without_classes_is_refused(tmp_path: Path, write_classes: Write):
    write_classes(tmp_path / "train", {"a": 1, "b": 1})
    (tmp_path / "test").mkdir()
    with pytest.raises(DataError, match="test` has no class folders"):
        stored(tmp_path)
