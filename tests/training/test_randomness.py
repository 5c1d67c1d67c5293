"""States of random sources come back exactly."""

import random

import numpy as np
import torch

from netwright.training.randomness import capture, derive, restore, scoped, seed


def draws() -> list[float]:
    return [
        torch.rand(()).item(),
        torch.randn(()).item(),
        np.random.rand(),
        random.random(),
        random.gauss(0, 1),
    ]


def test_a_restored_state_draws_the_same():
    seed(1)
    draws()
    np.random.randn()  # leaves a second Gaussian waiting
    random.gauss(0, 1)
    state = capture()
    expected = [draws(), np.random.randn()]
    draws()
    restore(state)
    assert [draws(), np.random.randn()] == expected


def test_a_state_is_tensors_only():
    assert all(isinstance(value, torch.Tensor) for value in capture().values())


def test_seeding_decides_every_source():
    seed(5)
    first = draws()
    seed(5)
    assert draws() == first
    seed(6)
    assert all(a != b for a, b in zip(draws(), first, strict=True))


def test_scoped_leaves_every_source_as_it_was():
    state = capture()
    with scoped():
        seed(9)
        draws()
    after = capture()
    assert all(torch.equal(state[name], after[name]) for name in state)


def test_seeds_of_different_uses_differ():
    seeds = {
        derive(seed, use, epoch) for seed in range(5) for use in ("order", "train") for epoch in range(50)
    }
    assert len(seeds) == 500
    assert all(0 <= value < 2**32 for value in seeds)
