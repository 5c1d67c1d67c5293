"""Images and masks by their keys."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from netwright.data.kinds import Kind
from netwright.data.labels import Labels
from netwright.data.pairing import all_masks, files_split, keyed, paired, readable, split_of, stored_masks
from netwright.data.reading import READING
from netwright.errors import DataError

A, B, C = Path("a"), Path("b"), Path("c")


def test_readable_files_come_in_the_order_of_their_numbers(tmp_path: Path, save: Callable):
    for name in ("x10.png", "x9.tif", "deep/y.nii.gz", ".hidden/z.png"):
        save(tmp_path / name, np.zeros((2, 2), np.uint8))
    (tmp_path / "notes.txt").write_text("x")
    inside = [path.relative_to(tmp_path).as_posix() for path in readable(tmp_path)]
    assert inside == ["deep/y.nii.gz", "x9.tif", "x10.png"]
    assert [path.name for path in readable(tmp_path, deep=False)] == ["x9.tif", "x10.png"]


def test_two_files_of_one_example_are_refused():
    assert keyed([A, B], ["1", "2"]) == {"1": A, "2": B}
    with pytest.raises(DataError, match="`a` and `b` belong to the same example, `1`; keep one"):
        keyed([A, B], ["1", "1"])


def test_pairs_are_complete_in_both_directions():
    assert paired({"1": A}, {"1": B}, "x") == [(A, B)]
    with pytest.raises(DataError, match=r"the image `a` \(and 1 more\) in `x` has no mask"):
        paired({"1": A, "2": B}, {}, "x")
    with pytest.raises(DataError, match="the mask `c` in `x` has no image"):
        paired({"1": A}, {"1": B, "2": C}, "x")


def test_a_split_knows_its_places_its_groups_and_its_masks():
    split = files_split([(Path("/r/v1/a_1.png"), A), (Path("/r/v1/a_2.png"), B)], Path("/r"), READING)
    assert split.place(1) == "`/r/v1/a_2.png`"
    assert split.groups == ["v1/a", "v1/a"]
    stored = stored_masks(
        {"train": split, "test": split_of([C], [C], ["c"])}, Labels(("x", "y"), (0, 7), (255,))
    )
    assert (stored.classes, stored.values, stored.ignore) == (("x", "y"), (0, 7), (255,))
    assert all_masks(stored.splits) == [A, B, C]
    assert stored.splits["test"].targets == {Kind.MASK: [C]}


def test_linked_folders_are_read_as_if_they_were_there(tmp_path: Path, save: Callable):
    save(tmp_path / "elsewhere" / "deep" / "1.png", np.zeros((2, 2), np.uint8))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "images").symlink_to(tmp_path / "elsewhere")
    inside = [path.relative_to(tmp_path / "data").as_posix() for path in readable(tmp_path / "data")]
    assert inside == ["images/deep/1.png"]
