"""NW303: linear layers in a row."""

import torch
from torch import nn

from netwright.lint.run import check
from programs import findings, program


def test_two_linear_layers_really_are_one():
    torch.manual_seed(0)
    first, second, one = nn.Linear(4, 8), nn.Linear(8, 3), nn.Linear(4, 3)
    one.weight.data = second.weight.data @ first.weight.data
    one.bias.data = second.weight.data @ first.bias.data + second.bias.data
    x = torch.rand(5, 4)
    assert torch.allclose(second(first(x)), one(x), atol=1e-6)


def test_the_features_are_given():
    [finding] = findings(program("NW303", "bad"), select=["NW303"])
    assert finding.evidence["features"] == [16, 32, 10]


def test_a_narrow_middle_is_a_factorisation():
    assert check(nn.Sequential(nn.Linear(16, 3), nn.Linear(3, 16)), (16,), select=["NW303"]) == []
