"""What is kept of masks, against brute force."""

import numpy as np
import pytest

from netwright.lint.survey import maps
from netwright.lint.survey.maps import NOTHING, edges, mask_facts


def inner(mask: np.ndarray) -> dict[int, int]:
    """Count positions whose neighbours in the plane are equal, one by one."""
    counts: dict[int, int] = {}
    for at in np.ndindex(mask.shape):
        same = True
        for axis in (-2, -1):
            for step in (-1, 1):
                beside = list(at)
                beside[axis] += step
                if 0 <= beside[axis] < mask.shape[axis]:
                    same &= mask[tuple(beside)] == mask[at]
        if same:
            counts[int(mask[at])] = counts.get(int(mask[at]), 0) + 1
    return counts


@pytest.mark.parametrize("shape", [(9, 12), (3, 7, 8)])
@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
def test_counts_and_insides_are_those_of_brute_force(shape, dtype):
    mask = np.repeat(np.random.default_rng(0).integers(0, 4, shape), 2, axis=-1).astype(dtype)
    values = mask_facts(mask).values
    present, counts = np.unique(mask, return_counts=True)
    assert values.counts == dict(zip(present.tolist(), counts.tolist(), strict=True))
    assert {value: number for value, number in values.inner.items() if number} == inner(mask)


def test_a_large_mask_is_looked_at_in_pieces(monkeypatch):
    mask = np.random.default_rng(1).integers(0, 3, (6, 5, 5))
    whole = mask_facts(mask)
    monkeypatch.setattr(maps, "SLAB", 30)
    assert mask_facts(mask).values == whole.values
    assert mask_facts(mask).digest == whole.digest


def test_equal_masks_have_equal_digests():
    mask = np.zeros((4, 4), np.uint8)
    other = mask.copy()
    other[2, 2] = 1
    assert mask_facts(mask).digest == mask_facts(mask.copy()).digest != mask_facts(other).digest


def test_values_add_up():
    one, two = (mask_facts(np.full((3, 3), value, np.uint8)).values for value in (0, 2))
    both = one + two + NOTHING
    assert both.counts == {0: 9, 2: 9}
    assert both.share(2) == 0.5
    assert both.share(7) == 0.0


def test_of_very_many_values_the_most_frequent_are_kept(monkeypatch):
    monkeypatch.setattr(maps, "KEPT", 2)
    assert set(mask_facts(np.array([[1, 1, 1, 2, 2, 3]])).values.counts) == {1, 2}


def test_edges_are_where_the_next_value_differs():
    mask = np.array([[0, 0, 1], [0, 0, 1]])
    assert edges(mask).tolist() == [[False, True, False], [False, True, False]]
