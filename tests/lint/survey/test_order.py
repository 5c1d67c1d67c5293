"""Sequences that pass from one split to another."""

from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from netwright.data.kinds import Kind
from netwright.data.stored import Page, StoredSplit
from netwright.lint.survey.order import beside, crossings, numbered
from netwright.lint.survey.origin import Files
from netwright.lint.survey.survey import passed, quiet
from planted import save


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A volume of 30 slices that change slowly, and 30 pictures that only have numbers."""
    home = tmp_path_factory.mktemp("order")
    random = np.random.default_rng(0)
    volume = gaussian_filter(random.normal(size=(30, 48, 48)), (2, 3, 3))
    loose = gaussian_filter(random.normal(size=(30, 48, 48)), (0, 3, 3))
    for name, planes in (("slice", volume), ("photo", loose)):
        for k, plane in enumerate(planes):
            grey = 128 + 40 * plane / plane.std()
            save(grey.clip(0, 255).astype(np.uint8), home / f"{name}_{k:02}.png")
    return home


def crossing(folder, name, held):
    """The crossings where the slices in `held` are the test split."""
    indices = {"train": [k for k in range(30) if k not in held], "test": sorted(held)}
    origins = {}
    for split, chosen in indices.items():
        files = [folder / f"{name}_{k:02}.png" for k in chosen]
        stored = StoredSplit(files, {Kind.CLASS: [0] * len(files)}, lambda k, files=files: f"`{files[k]}`")
        origins[split] = Files(stored, str(folder))
    return crossings(passed(str(folder), origins, quiet), str(folder))


def test_a_block_touches_the_training_split_once(folder):
    found = crossing(folder, "slice", set(range(24, 30)))
    assert (len(found.steps), found.touched, found.held_out) == (1, 1, 6)


def test_interleaved_slices_touch_it_everywhere_and_are_alike(folder):
    found = crossing(folder, "slice", set(range(1, 30, 4)))
    assert found.touched == found.held_out == 8
    assert found.alike > 0.9


def test_files_that_only_have_numbers_are_not_alike(folder):
    found = crossing(folder, "photo", set(range(1, 30, 4)))
    assert found.touched == 8
    assert found.alike < 0.4


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("d/train/images/s_007.png", ("images/s_", 7)),
        ("d/test/images/s_008.png", ("images/s_", 8)),
        ("d/case3/frame12.jpg", ("case3/frame", 12)),
        ("d/x12_mask.png", ("x", 12)),
        ("d/name.png", None),
    ],
)
def test_a_number_at_the_end_of_a_name_is_a_place_in_a_sequence(path, expected):
    assert numbered(Path(path), "d") == expected


def test_pages_of_a_file_are_a_sequence_and_bytes_are_not():
    assert numbered(Page(Path("d/stack.tif"), 4), "d") == ("d/stack.tif", 4)
    assert numbered(b"png", "d") is None


def test_neighbours_of_a_sequence_are_few_numbers_apart(folder):
    files = [folder / f"slice_{k:02}.png" for k in (3, 4, 20)]
    stored = StoredSplit(files, {Kind.CLASS: [0, 0, 0]}, lambda k: f"`{files[k]}`")
    part = passed(str(folder), {"train": Files(stored, str(folder))}, quiet)["train"]
    assert beside(part, 0, part, 1, str(folder))
    assert not beside(part, 0, part, 2, str(folder))
