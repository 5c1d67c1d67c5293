"""The boundary F-score against a search over all pairs of positions."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from netwright.data.kinds import IGNORE
from netwright.data.metrics.boundary import BoundaryF, outline
from strategies import several


def edges(region: np.ndarray) -> set[tuple[int, ...]]:
    """The positions of a region with a neighbour in the image that lies outside of the region."""
    found = set()
    for place in np.argwhere(region).tolist():
        for axis, step in product(range(region.ndim), (-1, 1)):
            beside = list(place)
            beside[axis] += step
            if 0 <= beside[axis] < region.shape[axis] and not region[tuple(beside)]:
                found.add(tuple(place))
    return found


def by_hand(predicted: np.ndarray, true: np.ndarray, index: int, tolerance: float) -> float:
    hits, lengths = [0, 0], [0, 0]
    for mine, theirs in zip(predicted, true, strict=True):
        one, other = edges(mine == index), edges(theirs == index)
        for side, (these, those) in enumerate(((one, other), (other, one))):
            lengths[side] += len(these)
            hits[side] += sum(
                any(sum((a - b) ** 2 for a, b in zip(p, q, strict=True)) <= tolerance**2 for q in those)
                for p in these
            )
    if not sum(lengths):
        return float("nan")
    precision, recall = (hit / max(length, 1) for hit, length in zip(hits, lengths, strict=True))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@given(st.integers(0, 10_000), several(st.integers(1, 5)), st.sampled_from([0, 1, 1.5, 2]))
def test_the_score_is_that_of_a_search_over_all_pairs(seed, space, tolerance):
    generator = torch.Generator().manual_seed(seed)
    predicted = torch.randint(0, 3, (2, *space), generator=generator)
    true = torch.randint(-1, 3, (2, *space), generator=generator)
    metric = BoundaryF(3, tolerance)
    for part, truth in zip(predicted.split(1), true.split(1), strict=True):
        metric.update(F.one_hot(part, 3).movedim(-1, 1).float(), truth)
    shown = torch.where(true == IGNORE, IGNORE, predicted).numpy()
    expected = [by_hand(shown, true.numpy(), index, tolerance) for index in range(3)]
    assert metric.compute().tolist() == pytest.approx(expected, nan_ok=True)


def test_the_edge_of_the_image_is_not_an_outline():
    assert not outline(np.ones((5, 5), dtype=bool)).any()
    assert outline(np.pad(np.ones((3, 3), dtype=bool), 1)).sum() == 8


def test_an_outline_beyond_the_tolerance_scores_zero_and_within_it_one():
    true = torch.zeros(1, 12, 12, dtype=torch.int64)
    true[:, :, 6:] = 1
    for shift, expected in ((0, 1.0), (2, 1.0), (3, 0.0)):
        predicted = torch.zeros_like(true)
        predicted[:, :, 6 - shift :] = 1
        metric = BoundaryF(2, tolerance=2)
        metric.update(F.one_hot(predicted, 2).movedim(-1, 1).float(), true)
        assert metric.compute().tolist() == [expected, expected]
