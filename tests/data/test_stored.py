"""Stored images: their bytes and the digest of all of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from netwright.data.kinds import Kind
from netwright.data.stored import Stored, StoredSplit

SPLIT = StoredSplit([b"one", b"two"], {Kind.CLASS: [0, 1]}, "image {}".format)
STORED = Stored(("a", "b"), {"train": SPLIT})


def test_files_are_read_and_bytes_are_given_as_they_are(tmp_path: Path):
    (tmp_path / "image").write_bytes(b"two")
    split = replace(SPLIT, images=[b"one", tmp_path / "image"])
    assert list(split.contents()) == [b"one", b"two"]
    assert replace(STORED, splits={"train": split}).digest() == STORED.digest()


def test_a_file_that_is_gone_counts_as_empty(tmp_path: Path):
    assert list(replace(SPLIT, images=[tmp_path / "gone"]).contents()) == [b""]


def test_a_part_keeps_images_targets_and_places_together():
    part = SPLIT.part([1, 0]).part([0])
    assert (len(part), part.images, part.targets[Kind.CLASS], part.place(0)) == (1, [b"two"], [1], "image 1")


def test_the_places_of_images_do_not_change_the_digest():
    other = replace(SPLIT, place="elsewhere {}".format)
    assert replace(STORED, splits={"train": other}).digest() == STORED.digest()


@pytest.mark.parametrize(
    "other",
    [
        replace(STORED, classes=("a", "c")),
        replace(STORED, held_out={"test": 1}),
        replace(STORED, splits={"test": SPLIT}),
        replace(STORED, splits={"train": SPLIT, "test": SPLIT}),
        replace(STORED, splits={"train": replace(SPLIT, targets={Kind.CLASS: [1, 0]})}),
        replace(STORED, splits={"train": replace(SPLIT, images=[b"one", b"tow"])}),
        replace(STORED, splits={"train": replace(SPLIT, images=[b"onet", b"wo"])}),
    ],
    ids=["classes", "held_out", "split name", "more splits", "targets", "bytes", "boundaries"],
)
def test_any_other_content_has_another_digest(other: Stored):
    assert other.digest() != STORED.digest()
