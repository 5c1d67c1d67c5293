"""Order and groups by name."""

from pathlib import Path

import pytest

from netwright.data.naming import groups, natural, stem
from netwright.data.reading import Reading
from netwright.errors import DataError

ROOT = Path("/data")


def grouped(*names: str, group: str = "") -> list[str]:
    return groups([ROOT / name for name in names], ROOT, Reading(group=group))


def test_numbers_in_names_count_as_numbers():
    names = ["a2/x1", "a10/x1", "a2/x10", "a2/x9", "b1"]
    assert sorted(names, key=natural) == ["a2/x1", "a2/x9", "a2/x10", "a10/x1", "b1"]


def test_a_stem_has_no_suffix():
    assert [stem(Path(name)) for name in ("a.b.png", "case_1.nii.gz", "x")] == ["a.b", "case_1", "x"]


def test_files_whose_names_differ_in_a_last_number_belong_together():
    assert grouped("cow_01.png", "cow_02.png", "dog-7.png", "7.png") == ["cow", "cow", "dog", "."]
    assert grouped("a/cow_01.png", "b/cow_01.png") == ["a/cow", "b/cow"]


def test_the_caller_may_group_by_folder_or_not_at_all():
    names = ("a/x1.png", "a/y2.png", "b/x1.png")
    assert grouped(*names, group="folder") == ["a", "a", "b"]
    assert grouped(*names, group="none") == list(names)


def test_what_a_layout_says_holds_until_the_caller_says_otherwise():
    paths = [ROOT / "a1.png", ROOT / "a2.png"]
    assert groups(paths, ROOT, Reading(), ["x", "y"]) == ["x", "y"]
    assert groups(paths, ROOT, Reading(), ()) == []
    assert groups(paths, ROOT, Reading(group="folder"), ["x", "y"]) == [".", "."]


def test_the_caller_may_group_by_a_part_of_the_path():
    names = ("p1_left.png", "p1_right.png", "p2_left.png")
    assert grouped(*names, group=r"p\d+") == ["p1", "p1", "p2"]
    assert grouped(*names, group=r"_(left|right)") == ["left", "right", "left"]


def test_a_pattern_must_be_one_and_match_every_image():
    with pytest.raises(DataError, match=r"`group` \(=\(\) is not a regular expression"):
        grouped("a.png", group="(")
    with pytest.raises(DataError, match=r"`group` \(=p\\d\+\) does not match `q.png`"):
        grouped("p1.png", "q.png", group=r"p\d+")
