"""Masks against images: the permutation test and turned masks."""

import numpy as np
import pytest

from netwright.lint.survey.alignment import FEWEST, TURNS, alignment
from netwright.lint.survey.outlines import Outline, outline
from planted import scene


def outlines(number: int = 12) -> list[Outline]:
    pairs = [scene(k) for k in range(number)]
    return [outline(image.transpose(2, 0, 1), mask) for image, mask in pairs]


def test_true_pairs_are_told_from_shuffled_ones():
    fit = alignment(outlines())
    assert fit.p <= 0.001
    assert fit.own > 3 * abs(fit.shuffled)
    assert fit.turned is None
    assert (np.diag(fit.deviations) > 3).all()


def test_shuffled_pairs_are_no_better_than_chance():
    pairs = outlines()
    mixed = [Outline(one.image, two.mask) for one, two in zip(pairs, pairs[1:] + pairs[:1], strict=True)]
    assert alignment(mixed).p > 0.05


def test_the_p_value_is_uniform_for_random_pairs():
    """Of a hundred sets of noise about five may fall below .05; the bound is the binomial 99.9 % quantile."""
    random = np.random.default_rng(0)
    below = 0
    for _ in range(100):
        noise = random.normal(size=(2, 10, 64, 64)).astype(np.float16)
        below += alignment([Outline(*both) for both in zip(*noise, strict=True)]).p <= 0.05
    assert below <= 13


@pytest.mark.parametrize("name", TURNS)
def test_a_turn_of_all_masks_is_named(name):
    back = {"turned by 90 degrees": "turned by 270 degrees", "turned by 270 degrees": "turned by 90 degrees"}
    turn = TURNS[back.get(name, name)]
    fit = alignment([Outline(one.image, turn(one.mask)) for one in outlines()])
    assert fit.turned[0] == name


def test_too_few_pairs_are_not_judged():
    assert alignment(outlines(FEWEST - 1)) is None
