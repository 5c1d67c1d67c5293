"""Windows are a function of seed and epoch, lie inside, and meet rare classes."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import cells
import strategies  # noqa: F401  # loads the profile
import tiny
from netwright.data.positions import Positions
from netwright.errors import RecipeError
from netwright.training.windows import Windows, batch_size, fitting, suited

SIDES = [(40, 30), (20, 90), (12, 10)]


def starts(windows, seed=0, epoch=0):
    """Return the examples and the starts of a whole epoch."""
    examples, corners = zip(*windows.epoch(seed, epoch), strict=True)
    return torch.cat(examples), torch.cat(corners)


def test_an_epoch_visits_examples_in_proportion_to_their_size():
    windows = Windows([(64, 64), (128, 64), (16, 16)], (32, 32), 1)
    examples, _ = starts(windows)
    assert examples.bincount().tolist() == [4, 8, 1]
    assert windows.batches == 13


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=1, max_size=5), st.integers(1, 9))
def test_windows_lie_inside_and_examples_that_are_smaller_lie_inside_the_window(sides, batch):
    windows = Windows(sides, (16, 16), batch)
    for examples, corners in windows.epoch(1, 2):
        assert len(examples) == windows.batch
        for number, corner in zip(examples.tolist(), corners.tolist(), strict=True):
            for side, start in zip(sides[number], corner, strict=True):
                assert min(0, side - 16) <= start <= max(0, side - 16)


def test_every_place_is_drawn_and_borders_as_often_as_the_middle():
    _, corners = starts(Windows([(36, 16)] * 800, (16, 16), 8))
    counts = corners[:, 0].bincount(minlength=21)
    assert len(counts) == 21
    expected = len(corners) / 21
    assert ((counts - expected) ** 2 / expected).sum() < 60  # 99.999 % of 20 degrees of freedom


def test_epochs_differ_and_a_seed_repeats_them():
    windows = Windows(SIDES, (8, 8), 4)
    first, again, other = starts(windows, 3, 1), starts(windows, 3, 1), starts(windows, 3, 2)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[1], other[1])


def test_a_third_of_the_windows_hold_a_class_of_one_position():
    """By chance a window of 8x8 in 80x80 shows one given position in about one of eighty."""
    samples = torch.full((1, 2, 16), 0)
    samples[0, 1] = 80 * 37 + 41
    rare = Positions(torch.tensor([[6399, 1]]), samples)
    windows = Windows([(80, 80)], (8, 8), 10, rare)
    _, corners = starts(windows)
    place = torch.tensor([37, 41])
    inside = ((corners <= place) & (place < corners + 8)).all(1)
    centred = (corners == place - 4).all(1)
    assert centred.sum() >= round(windows.count / 3)
    assert inside.float().mean() < 0.45


def test_a_window_around_a_position_at_the_border_stays_inside():
    rare = Positions(torch.tensor([[24, 1]]), torch.zeros(1, 2, 16, dtype=torch.int64))
    _, corners = starts(Windows([(40, 40)], (16, 16), 6, rare))
    assert corners.min() == 0


@pytest.mark.parametrize(("batch", "expected"), [(4, 4), (100, 13)])
def test_fewer_windows_than_a_batch_make_one_batch(batch, expected):
    windows = Windows([(64, 64), (128, 64), (16, 16)], (32, 32), batch)
    assert windows.batch == expected
    assert len(windows.epoch(0, 0)) == windows.batches == 13 // expected


def test_data_of_one_size_in_memory_need_no_windows():
    assert suited(tiny.data()) is None
    assert suited(cells.data(smallest=70, largest=300)) is not None


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_windows_are_multiples_of_32_where_examples_are_larger(dims):
    patch = suited(cells.data(dims=dims, smallest=70, largest=90))
    assert patch == (64,) * dims
    assert 2 <= batch_size(patch) <= 64


@pytest.mark.parametrize(
    ("patch", "reason"),
    [
        ((8,), r"must have a size for each of the 2 axes of cells"),
        ((8, 0), r"must have a size for each of the 2 axes of cells"),
        (
            (100000, 8),
            r"`patch` \(=100000x8\) is more than twice the largest example of cells, \d+x\d+; give a",
        ),
    ],
)
def test_windows_that_fit_no_example_are_refused_before_they_are_cut(patch, reason):
    with pytest.raises(RecipeError, match=reason):
        fitting(patch, cells.data(smallest=20, largest=60))
    assert fitting((40, 64), cells.data(smallest=20, largest=60)) == (40, 64)
