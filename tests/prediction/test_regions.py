"""Small regions, beside a search by hand and scikit-image."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.morphology import remove_small_objects

from netwright.prediction import regions
from netwright.prediction.regions import absorb

RANDOM = np.random.default_rng(0)
NOTHING = 4


def around(place, shape):
    for axis in range(len(shape)):
        for step in (-1, 1):
            other = (*place[:axis], place[axis] + step, *place[axis + 1 :])
            if 0 <= other[axis] < shape[axis]:
                yield other


def found(codes):
    """Return the region of each position, by a search from position to position."""
    known, members = {}, []
    for start in np.ndindex(codes.shape):
        if start in known or codes[start] == NOTHING:
            continue
        known[start], rest = len(members), [start]
        members.append([])
        while rest:
            place = rest.pop()
            members[-1].append(place)
            for other in around(place, codes.shape):
                if other not in known and codes[other] == codes[place]:
                    known[other] = known[start]
                    rest.append(other)
    return known, members


def by_hand(codes, least):
    codes = codes.copy()
    while True:
        known, members = found(codes)
        becomes = {}
        for number, places in enumerate(members):
            if len(places) < least:
                votes = Counter(
                    int(codes[other])
                    for place in places
                    for other in around(place, codes.shape)
                    if other in known and known[other] != number and len(members[known[other]]) >= least
                )
                if votes:
                    becomes[number] = min(votes, key=lambda value: (-votes[value], value))
        for number, value in becomes.items():
            for place in members[number]:
                codes[place] = value
        if not becomes:
            return codes


@pytest.mark.parametrize("slab", [1, 40, 10_000])
@settings(max_examples=15)
@given(
    seed=st.integers(0, 1000),
    shape=st.sampled_from([(60,), (9, 13), (14, 7), (4, 5, 6)]),
    least=st.integers(2, 9),
    classes=st.integers(2, 5),
)
def test_regions_are_those_that_a_search_finds(slab, seed, shape, least, classes):
    random = np.random.default_rng(seed)
    codes = random.integers(0, classes, shape).astype(np.uint8)
    codes[random.random(shape) < 0.4] = 0
    mine, wanted = codes.copy(), by_hand(codes, least)
    before = regions.SLAB
    try:
        regions.SLAB = slab
        changed = absorb(mine, least, NOTHING)
    finally:
        regions.SLAB = before
    np.testing.assert_array_equal(mine, wanted)
    assert changed >= (mine != codes).sum()


def test_objects_on_a_background_are_those_that_scikit_image_removes(monkeypatch):
    monkeypatch.setattr(regions, "SLAB", 5000)
    mask = np.zeros((200, 180), bool)
    for row, column, size in RANDOM.integers((2, 2, 1), (185, 165, 12), (60, 3)):
        mask[row : row + size, column : column + size] = True
    codes = mask.astype(np.uint8)
    absorb(codes, 30, nothing=2)
    wanted = remove_small_objects(mask, max_size=29, connectivity=1)
    filled = remove_small_objects(~wanted, max_size=29, connectivity=1)
    np.testing.assert_array_equal(codes, ~filled)


def test_a_memory_map_is_changed_in_place(tmp_path):
    codes = np.memmap(tmp_path / "codes", np.uint8, "w+", shape=(50, 40))
    codes[20:22, 30] = 1
    assert absorb(codes, 3, nothing=2) == 2
    assert not codes.any()


def test_a_map_that_is_smaller_itself_stays():
    codes = np.array([[0, 1], [1, 2]], np.uint8)
    assert absorb(codes, 100, nothing=3) == 0
    assert codes.tolist() == [[0, 1], [1, 2]]


def test_positions_without_a_class_are_no_neighbours():
    codes = np.array([2, 2, 1, 2, 0, 0, 0], np.uint8)
    absorb(codes, 2, nothing=2)
    assert codes.tolist() == [2, 2, 1, 2, 0, 0, 0]
