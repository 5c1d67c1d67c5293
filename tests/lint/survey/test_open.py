"""The survey of a data set by its name."""

import pytest

from netwright.errors import DataError
from netwright.lint.survey.open import survey
from planted import pairs, photos, unpaired


def test_class_folders_are_surveyed_with_their_classes(tmp_path):
    found = survey(str(photos(tmp_path)))
    assert found.refusal == ""
    assert found.survey.classes == ("cross", "disc")
    assert {name: len(part) for name, part in found.survey.parts.items()} == {
        "train": 48,
        "valid": 24,
        "test": 24,
    }
    assert found.survey.shares["train"] == {0: 24, 1: 24}


def test_pairs_are_surveyed_with_their_masks(tmp_path):
    found = survey(str(pairs(tmp_path))).survey
    assert found.masked
    assert set(found.mask_values.counts) == {0, 1, 2}
    assert found.parts["train"].origin.place(0) == "`images/train/ak.png`"


def test_what_the_source_refuses_is_surveyed_by_the_names_of_the_files(tmp_path):
    unpaired(tmp_path)
    found = survey(str(tmp_path)).survey
    assert len(found.parts["train"]) == 23
    assert len(found.pairings[0].lone_images) + len(found.pairings[0].lone_masks) == 1


def test_data_without_splits_are_split_as_for_a_training():
    parts = survey("digits").survey.parts
    assert {name: len(part) for name, part in parts.items()} == {"train": 1257, "valid": 180, "test": 360}


def test_what_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match="there is no folder"):
        survey(str(tmp_path / "nothing" / "here"))
