"""NW306: dropout before a norm."""

import torch
from torch import nn

from netwright.lint.run import check


def test_the_variance_really_differs_between_the_modes():
    torch.manual_seed(0)
    drop, x = nn.Dropout(0.5), torch.randn(10_000) + 1
    assert drop.train()(x).var() > 2 * drop.eval()(x).var()


def test_directly_and_through_one_layer():
    for layers in ([nn.BatchNorm1d(8)], [nn.Linear(8, 8), nn.BatchNorm1d(8)]):
        assert len(check(nn.Sequential(nn.Dropout(0.3), *layers), (8,), select=["NW306"])) == 1
    far = [nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.BatchNorm1d(8)]
    assert check(nn.Sequential(nn.Dropout(0.3), *far), (8,), select=["NW306"]) == []
