"""Splits and data: their lengths and shapes."""

import torch

from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind


def split(n: int = 5) -> Split:
    return Split(torch.arange(n, dtype=torch.uint8).view(n, 1, 1, 1), {Kind.CLASS: torch.arange(n)})


def test_a_split_is_as_long_as_its_targets():
    assert len(split(7)) == 7


def test_the_input_shape_leaves_the_batch_out():
    images = Split(
        torch.zeros(2, 3, 4, 5, dtype=torch.uint8), {Kind.CLASS: torch.zeros(2, dtype=torch.int64)}
    )
    assert Data("x", ("a", "b"), images, images, images, (0.0,), (1.0,), "d").input == (3, 4, 5)
