"""The index of positions is a uniform sample of what a brute-force search finds."""

import numpy as np
import pytest
import torch

from cells import data
from netwright.data import positions as module
from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind, class_indices
from netwright.data.positions import positions
from netwright.errors import DataError


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NETWRIGHT_CACHE", str(tmp_path))


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("chunk", [7, 64, 1 << 20])
def test_counts_and_classes_are_those_of_a_search_whatever_the_chunk(dims, chunk, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", chunk)
    known = data(dims=dims)
    index = positions(known)
    for number, mask in enumerate(known.train.targets[Kind.MASK]):
        indices = class_indices(mask, known.values, known.ignore).flatten()
        assert index.counts[number].tolist() == [int((indices == k).sum()) for k in range(3)]
        for k in range(3):
            sample = index.samples[number, k]
            assert (sample == -1).all() if not (indices == k).any() else (indices[sample] == k).all()


def test_the_sample_is_uniform_over_chunks():
    """Chi-square over 40 positions that lie in six chunks: below the 99.99 % quantile of 39 degrees, 85."""
    mask = torch.zeros(20, 50, dtype=torch.uint8)
    places = torch.arange(3, 1000, 25)
    mask.view(-1)[places] = 1
    counts = np.zeros(1000)
    random = np.random.default_rng(0)
    for _ in range(40):
        samples, seen = np.full((2, 200), -1), np.zeros(2, dtype=np.int64)
        for start in range(0, 1000, 170):
            module._enter(mask.view(-1)[start : start + 170].long().numpy(), start, seen, samples, random)
        counts += np.bincount(samples[1], minlength=1000)
    expected = 40 * 200 / 40
    assert counts.sum() == counts[places].sum()
    assert ((counts[places] - expected) ** 2 / expected).sum() < 85


def test_rare_classes_are_drawn_as_often_as_each_other_and_the_most_frequent_never():
    known = data()
    index = positions(known)
    chances = torch.rand(3000, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    drawn = index.draw(torch.zeros(3000, dtype=torch.int64), chances)
    classes = class_indices(known.train.targets[Kind.MASK][0], known.values, known.ignore).flatten()[drawn]
    shares = classes.bincount(minlength=3) / 3000
    assert shares[0] == 0
    assert shares[1:].tolist() == pytest.approx([0.5, 0.5], abs=0.05)


def flat(mask, **options) -> Data:
    split = Split(torch.zeros(len(mask), 1, *mask.shape[1:]), {Kind.MASK: mask})
    return Data("flat", ("a", "b"), split, split, split, (0.0,), (1.0,), f"flat {mask.tolist()}", **options)


def test_a_mask_of_one_class_gives_that_class_and_an_ignored_one_gives_none():
    mask = torch.stack([torch.ones(4, 4, dtype=torch.uint8), torch.full((4, 4), 9, dtype=torch.uint8)])
    index = positions(flat(mask, ignore=(9,)))
    drawn = index.draw(torch.tensor([0, 1]), torch.full((2, 2), 0.99))
    assert drawn[0] >= 0
    assert drawn[1] == -1


def test_a_class_beyond_those_of_the_data_is_refused_with_its_mask():
    mask = torch.zeros(3, 4, 4, dtype=torch.uint8)
    mask[2, 1, 1] = 5
    with pytest.raises(DataError, match="mask 2 of flat holds class 5, but there are 2 classes"):
        positions(flat(mask))


def test_the_index_comes_from_the_cache_the_second_time(monkeypatch):
    first = positions(data())
    monkeypatch.setattr(module, "_chunks", lambda masks: pytest.fail("searched again"))
    again = positions(data())
    assert torch.equal(first.samples, again.samples)
    assert torch.equal(first.counts, again.counts)
