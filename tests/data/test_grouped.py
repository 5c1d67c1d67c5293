"""Splits by groups and by blocks."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.data.grouped import as_volumes, complete, reduce
from netwright.data.kinds import Kind
from netwright.data.stored import Page, Slices, StoredSplit
from netwright.errors import DataError

STACK = Path("stack.tif")


def split(groups: list[str]) -> StoredSplit:
    pages = [Page(STACK, k) for k in range(len(groups))]
    return StoredSplit(pages, {Kind.MASK: pages}, "page {}".format, groups)


def indices(part: StoredSplit) -> list[int]:
    return [page.index for page in part.images if isinstance(page, Page) and page.index is not None]


def test_thirty_consecutive_slices_are_cut_into_20_4_and_6():
    splits = complete({"train": split(["stack"] * 30)}, "x")
    assert indices(splits["train"]) == list(range(20))
    assert indices(splits["valid"]) == list(range(20, 24))
    assert indices(splits["test"]) == list(range(24, 30))


def test_two_stacks_are_each_cut_into_blocks():
    splits = complete({"train": split(["a"] * 10 + ["b"] * 20)}, "x")
    assert indices(splits["test"]) == [8, 9, 26, 27, 28, 29]
    assert indices(splits["valid"]) == [7, 24, 25]


@settings(deadline=None, max_examples=60)
@given(sizes=st.lists(st.integers(1, 9), min_size=3, max_size=30))
def test_enough_groups_stay_whole_and_every_example_is_in_one_split(sizes: list[int]):
    groups = [f"g{number}" for number, size in enumerate(sizes) for _ in range(size)]
    splits = complete({"train": split(groups)}, "x")
    assert sorted(k for part in splits.values() for k in indices(part)) == list(range(len(groups)))
    assert all(len(part) for part in splits.values())
    homes = [{groups[k] for k in indices(part)} for part in splits.values()]
    assert sum(map(len, homes)) == len(set(groups))


def test_independent_images_give_a_fifth_and_an_eighth():
    splits = complete({"train": split([str(k) for k in range(200)])}, "x")
    assert [len(splits[name]) for name in ("train", "valid", "test")] == [135, 25, 40]
    assert indices(splits["test"]) != list(range(160, 200))  # drawn, not a block
    assert indices(complete({"train": split([str(k) for k in range(200)])}, "y")["test"]) == indices(
        splits["test"]
    )


def test_a_split_that_is_given_stays_and_only_the_other_is_held_out():
    given = split(["t"] * 5)
    splits = complete({"train": split(["a"] * 16), "test": given}, "x")
    assert splits["test"] is given
    assert indices(splits["valid"]) == [14, 15]
    assert complete(splits, "x") == splits


@pytest.mark.parametrize("groups", [["a"], ["a", "a"], ["a", "b"]])
def test_too_few_examples_are_refused(groups: list[str]):
    with pytest.raises(
        DataError, match=rf"`x` has {len(groups)} training examples, too few to hold test and valid"
    ):
        complete({"train": split(groups)}, "x")


def test_a_limit_takes_evenly_spaced_examples():
    splits = complete({"train": split(["stack"] * 30)}, "x")
    small = reduce(splits, 5)
    assert indices(small["train"]) == [0, 4, 8, 12, 16]
    assert [len(small[name]) for name in ("valid", "test")] == [1, 2]
    assert reduce(splits, 100).keys() == splits.keys()


def test_runs_of_one_group_become_volumes():
    volumes = as_volumes(split(["a", "a", "b", "b", "b", "a"]))
    assert len(volumes) == 3
    assert volumes.images[1] == Slices(tuple(Page(STACK, k) for k in (2, 3, 4)))
    assert volumes.targets[Kind.MASK] == volumes.images
    assert volumes.groups == ["a", "b", "a"]
    assert volumes.place(1) == "the volume from page 2 to page 4"


def test_files_that_are_volumes_stay_volumes_when_volumes_are_asked_for(tmp_path):
    files = [tmp_path / f"s{k}.npy" for k in range(4)]
    for file in files[:2]:
        np.save(file, np.zeros((9, 40, 40), np.uint8))
    for file in files[2:]:
        np.save(file, np.zeros((40, 40), np.uint8))
    groups = ["volumes", "volumes", "slices", "slices"]
    part = as_volumes(StoredSplit(files, {Kind.MASK: files}, lambda k: files[k].name, groups))
    assert part.images == [files[0], files[1], Slices((files[2], files[3]))]
    assert part.targets[Kind.MASK] == part.images
    assert [part.place(k) for k in range(3)] == ["s0.npy", "s1.npy", "the volume from s2.npy to s3.npy"]
    assert list(part.groups) == ["volumes", "volumes", "slices"]
