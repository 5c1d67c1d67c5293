"""NW302: activations in a row."""

import pytest
import torch
from torch import nn

from netwright.lint.run import check


@pytest.mark.parametrize("first", [nn.ReLU(), nn.Sigmoid(), nn.Softmax(1)])
def test_a_rectifier_after_what_is_never_negative_really_is_the_identity(first):
    x = torch.randn(4, 8)
    assert torch.equal(first(x), first(x).relu())
    assert len(check(nn.Sequential(nn.Linear(8, 8), first, nn.ReLU()), (8,), select=["NW302"])) == 1


@pytest.mark.parametrize("pair", [(nn.Tanh(), nn.ReLU()), (nn.ReLU(), nn.Tanh()), (nn.ELU(), nn.ReLU())])
def test_other_pairs_say_nothing(pair):
    assert check(nn.Sequential(nn.Linear(8, 8), *pair), (8,), select=["NW302"]) == []


def test_dropout_between_them_does_not_hide_them():
    net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Dropout(), nn.ReLU())
    assert len(check(net, (8,), select=["NW302"])) == 1
