"""How much of a split belongs to each class, beside numpy."""

from dataclasses import replace

import numpy as np
import torch

from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.data.shares import sizes
from tiny import cells, data


def test_examples_are_counted_where_each_has_one_class():
    known = data(83)
    expected = np.bincount(known.train.targets[Kind.CLASS].numpy(), minlength=10)
    assert sizes(known.train, known).tolist() == expected.tolist()


def test_a_class_without_examples_has_none():
    known = replace(data(20), classes=tuple("abcdefghijkl"))
    assert sizes(known.train, known).tolist()[-2:] == [0, 0]


def test_positions_are_counted_where_each_has_a_class():
    known = cells()
    masks = known.train.targets[Kind.MASK].numpy()
    assert sizes(known.train, known).tolist() == [int((masks == value).sum()) for value in (0, 255)]


def test_masks_may_differ_in_size_and_what_is_ignored_counts_for_nothing():
    masks = [torch.tensor([[0, 1], [7, 7]], dtype=torch.uint8), torch.ones(3, 5, dtype=torch.uint8)]
    split = Split([torch.zeros(1, *mask.shape) for mask in masks], {Kind.MASK: masks})
    known = replace(cells(), values=(1, 0), ignore=(7,))
    assert sizes(split, known).tolist() == [16, 1]
