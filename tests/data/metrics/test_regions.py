"""V_rand and V_info against a count of all pairs, scikit-image, and divisions whose score is known."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import distance_transform_edt, label
from skimage import metrics

from netwright.data.kinds import IGNORE
from netwright.data.metrics.regions import (
    THRESHOLDS,
    Regions,
    compared,
    contingency,
    grown,
    regions,
    v_info,
    v_rand,
)

MAPS = st.tuples(st.integers(1, 7), st.integers(1, 7)).flatmap(
    lambda shape: st.tuples(
        arrays(np.int64, shape, elements=st.integers(0, 3)),
        arrays(np.int64, shape, elements=st.integers(0, 3)),
    )
)


def pairs(true, found):
    """Ordered pairs of pixels of the truth's regions, counted one by one: in one region of both, of each."""
    inside = [(i, j) for i, j in zip(true.flat, found.flat, strict=True) if i]
    both = sum(a == b for a, b in product(inside, inside))
    return (
        both,
        sum(a[0] == b[0] for a, b in product(inside, inside)),
        sum(a[1] == b[1] for a, b in product(inside, inside)),
    )


@given(MAPS)
def test_v_rand_counts_pairs_of_pixels(maps):
    true, found = maps
    both, own, other = pairs(true, found)
    expected = both / (0.5 * own + 0.5 * other) if own else 1.0
    assert v_rand(contingency(true, found)) == pytest.approx(expected, rel=1e-14)


@given(MAPS)
def test_v_info_is_the_mutual_information_over_the_mean_entropy(maps):
    true, found = maps
    inside = [(i, j) for i, j in zip(true.flat, found.flat, strict=True) if i]

    def entropy(values):
        shares = [values.count(value) / len(values) for value in set(values)]
        return -sum(share * np.log(share) for share in shares)

    if not inside:
        assert v_info(contingency(true, found)) == 1
        return
    own, other = entropy([i for i, _ in inside]), entropy([j for _, j in inside])
    expected = 2 * (own + other - entropy(inside)) / (own + other) if own + other else 1.0
    assert v_info(contingency(true, found)) == pytest.approx(expected, abs=1e-12)


@given(MAPS)
def test_the_counts_are_those_of_scikit_image(maps):
    """Its Rand score leaves out the pairs of a pixel with itself, its information is in bits."""
    true, found = maps
    total = int((true > 0).sum())
    if total < 2:
        return
    table = contingency(true, found)
    both, own, other = (int((part**2).sum()) - total for part in (table, table.sum(1), table.sum(0)))
    if own and other:
        error, precision, recall = metrics.adapted_rand_error(true, found, ignore_labels=(0,))
        assert (1 - error, precision, recall) == pytest.approx(
            (2 * both / (own + other), both / own, both / other), abs=1e-12
        )
    split, merged = metrics.variation_of_information(true, found, ignore_labels=(0,))
    shares = [part[part > 0] / total for part in (table, table.sum(1), table.sum(0))]
    joint, own_bits, other_bits = (-(part * np.log2(part)).sum() for part in shares)
    assert (split, merged) == pytest.approx((joint - own_bits, joint - other_bits), abs=1e-9)
    if own_bits + other_bits > 0:
        information = (own_bits - merged + other_bits - split) / (own_bits + other_bits)
        assert v_info(table) == pytest.approx(information, abs=1e-9)


def test_the_counts_do_not_overflow():
    """The squares of 2^40 pixels do not fit into 64 bits."""
    assert v_rand(np.array([[2**40, 0], [0, 2**40]])) == 1
    assert v_rand(np.array([[2**40], [2**40]])) == pytest.approx(2 / 3)


@given(arrays(np.bool_, (9, 8)))
def test_regions_grow_to_the_nearest_one_and_never_change(cells):
    labels = regions(cells)
    assert labels.max(initial=0) == label(cells)[1]
    whole = grown(labels)
    assert np.array_equal(whole[cells], labels[cells])
    if cells.any():
        distance = distance_transform_edt(~cells)
        for number in range(1, labels.max() + 1):
            to_region = distance_transform_edt(labels != number)
            assert np.allclose(to_region[whole == number], distance[whole == number])


def cells(gap: bool = False, width: int = 1) -> np.ndarray:
    """Two cells with a membrane of some width between them, possibly with a gap of one pixel."""
    mask = np.ones((20, 21), dtype=bool)
    mask[:, 10 - width // 2 : 11 + width // 2] = False
    if gap:
        mask[10] = True
    return mask


def test_a_gap_of_one_pixel_joins_two_cells_and_a_thick_membrane_costs_nothing():
    true = regions(cells(width=3))
    assert compared(true, cells()) == (1, 1)
    assert compared(true, cells(width=5)) == (1, 1)
    rand, info = compared(true, cells(gap=True))
    assert rand == pytest.approx(2 * 0.5 / (0.5 + 1))
    assert info == 0
    assert (cells(gap=True) != cells()).mean() < 0.003


def logits(probability: np.ndarray) -> torch.Tensor:
    """The output [1, 2, h, w] whose second class has a probability."""
    score = torch.from_numpy(probability).double()
    return torch.stack([torch.zeros_like(score), score.logit(eps=1e-6)])[None]


def test_the_best_threshold_closes_the_gap_and_is_then_fixed():
    truth = torch.from_numpy(cells().astype(np.int64))[None]
    probability = np.where(cells(), 0.9, 0.1)
    probability[10, 10] = 0.6
    metric = Regions()
    metric.update(logits(probability), truth)
    scores = metric.compute()
    low, high = (THRESHOLDS.index(cut) for cut in (0.5, 0.7))
    assert scores[low, 0] < 0.7
    assert scores[high].tolist() == [1, 1]
    tuned = metric.best()
    assert 0.6 <= tuned.thresholds[0] < 0.9
    tuned.update(logits(probability), truth)
    assert tuned.compute().tolist() == [[1, 1]]


def test_the_slices_of_a_volume_are_compared_one_by_one_and_averaged():
    generator = torch.Generator().manual_seed(0)
    output = torch.randn(2, 2, 3, 8, 8, generator=generator)
    target = torch.randint(-1, 2, (2, 3, 8, 8), generator=generator)
    volume, slices = Regions((0.5,)), Regions((0.5,))
    volume.update(output, target)
    slices.update(output.transpose(1, 2).flatten(0, 1), target.flatten(0, 1))
    assert volume.compute().tolist() == slices.compute().tolist()
    assert volume.slices == 6


def test_ignored_pixels_do_not_count_but_still_join_regions():
    truth = torch.ones(1, 4, 9, dtype=torch.int64)
    truth[0, :, 4] = IGNORE
    metric = Regions((0.5,))
    metric.update(logits(np.full((4, 9), 0.9)), truth)
    # the truth has two regions, the prediction one
    assert metric.compute()[0, 0].item() == pytest.approx(2 / 3)
