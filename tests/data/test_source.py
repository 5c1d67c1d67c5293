"""`load`: finding, splitting, limiting, caching and refusing."""

import torch

from netwright.data.source import load


def test_digits_come_in_three_fixed_splits():
    data = load("digits")
    assert [len(data.train), len(data.valid), len(data.test)] == [1257, 180, 360]
    assert data.input == (1, 8, 8)
    assert data.classes == tuple("0123456789")
    assert data.train.inputs.dtype == torch.uint8
    assert data.train.targets.dtype == torch.int64
