"""Stratified splits: shares, floors, disjointness and constancy."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.data.kinds import Kind
from netwright.data.split import apportion, complete, draw, reduce
from netwright.data.stored import StoredSplit
from netwright.errors import DataError

counts_of_classes = st.lists(st.integers(1, 200), min_size=1, max_size=12)


def labelled(*counts: int) -> StoredSplit:
    """A split with the given numbers of examples per class, interleaved; each image is different."""
    targets = [k for k, count in enumerate(counts) for _ in range(count)]
    random.Random(0).shuffle(targets)
    return StoredSplit([b"%d" % k for k in range(len(targets))], {Kind.CLASS: targets}, str)


def counts(split: StoredSplit) -> list[int]:
    return [count for _, count in sorted(Counter(split.targets[Kind.CLASS]).items())]


@given(counts=counts_of_classes, share=st.floats(0, 1))
def test_shares_add_up_and_stay_within_one_of_the_proportion(counts: list[int], share: float):
    total = max(len(counts), round(share * sum(counts)))
    quotas = apportion(counts, total)
    assert sum(quotas) == total
    assert all(1 <= quota <= count for quota, count in zip(quotas, counts, strict=True))
    if min(counts) * total >= sum(counts):  # no floor was needed
        exact = [count * total / sum(counts) for count in counts]
        assert all(abs(quota - share) < 1 for quota, share in zip(quotas, exact, strict=True))


@given(counts=counts_of_classes, keep=st.integers(0, 3))
def test_no_class_gives_what_it_must_keep(counts: list[int], keep: int):
    quotas = apportion(counts, sum(counts), keep=keep)
    assert quotas == [max(count - keep, 0) for count in counts]


def test_every_class_gives_one_even_when_that_is_more_than_the_total():
    assert apportion([5, 5, 5], 1) == [1, 1, 1]


@given(counts=counts_of_classes, total=st.integers(1, 100))
def test_what_is_drawn_and_the_rest_are_the_whole(counts: list[int], total: int):
    targets = labelled(*counts).targets[Kind.CLASS]
    chosen, rest = draw(targets, total)
    assert sorted(chosen + rest) == list(range(len(targets)))
    assert chosen == sorted(chosen)


def test_a_draw_does_not_depend_on_the_run_s_seed():
    targets = labelled(50, 50).targets[Kind.CLASS]
    np.random.seed(1)
    first = draw(targets, 10)[0]
    np.random.seed(2)
    assert draw(targets, 10)[0] == first


def test_a_draw_is_not_a_prefix_of_the_class():
    chosen, _ = draw([0] * 1000, 100)
    assert 400 < sum(chosen) / 100 < 600


def test_a_tenth_is_held_out_for_each_split_that_is_missing():
    splits = complete({"train": labelled(100, 50)}, {}, "set")
    assert {name: counts(split) for name, split in splits.items()} == {
        "train": [80, 40],
        "valid": [10, 5],
        "test": [10, 5],
    }
    seen = [int(image) for split in splits.values() for image in split.images]
    assert sorted(seen) == list(range(150))


def test_given_splits_are_kept_as_they_are():
    given = {"train": labelled(20, 20), "test": labelled(3, 4), "valid": labelled(1, 1)}
    assert complete(given, {}, "set") == given


def test_a_set_says_how_many_it_holds_out():
    splits = complete({"train": labelled(30, 30)}, {"valid": 6, "test": 12}, "set")
    assert [len(splits[name]) for name in ("train", "valid", "test")] == [42, 6, 12]


def test_a_lone_image_of_a_class_stays_in_training():
    splits = complete({"train": labelled(40, 1)}, {}, "set")
    assert counts(splits["train"])[1] == 1


def test_too_few_images_to_hold_any_out_are_refused():
    with pytest.raises(DataError, match="`set` has too few images to hold a test split out of 2"):
        complete({"train": labelled(1, 1)}, {}, "set")


def test_a_limit_is_met_exactly_and_in_proportion():
    splits = {"train": labelled(80, 20), "valid": labelled(40, 10), "test": labelled(8, 2)}
    reduced = reduce(splits, 20, "set")
    assert [counts(reduced[name]) for name in ("train", "valid", "test")] == [[16, 4], [8, 2], [1, 1]]


def test_a_smaller_limit_keeps_one_of_each_class_everywhere():
    splits = {"train": labelled(80, 20), "valid": labelled(40, 10), "test": labelled(8, 2)}
    assert all(counts(split) == [1, 1] for split in reduce(splits, 2, "set").values())


def test_a_limit_below_the_number_of_classes_is_refused():
    with pytest.raises(DataError, match=r"`limit` \(=2\) is less than the 3 classes of `set`"):
        reduce({"train": labelled(5, 5, 5)}, 2, "set")
