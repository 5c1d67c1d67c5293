"""NW106: borders that are dropped."""

import torch
from torch import nn

from netwright.lint.run import check


def test_it_agrees_with_zero_gradients_at_the_far_edge():
    for size in range(7, 14):
        layer = nn.Conv1d(1, 1, 3, stride=3)
        x = torch.rand(1, 1, size, requires_grad=True)
        layer(x).sum().backward()
        lost = int((x.grad == 0).sum())
        found = check(layer, (1, size), select=["NW106"])
        assert [finding.evidence["lost"] for finding in found] == ([[lost]] if lost else [])


def test_pooling_with_ceil_mode_keeps_its_border():
    assert len(check(nn.MaxPool2d(2), (1, 5, 4), select=["NW106"])) == 1
    assert check(nn.MaxPool2d(2, ceil_mode=True), (1, 5, 4), select=["NW106"]) == []
