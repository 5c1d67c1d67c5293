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


class Forked(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.trunk = nn.Linear(16, hidden)
        self.mean, self.spread = nn.Linear(hidden, 4), nn.Linear(hidden, 4)

    def forward(self, x):
        hidden = self.trunk(x)
        return self.mean(hidden), self.spread(hidden)


def test_a_linear_layer_that_feeds_two_linear_layers_is_one_of_them_too():
    net, x = Forked(16), torch.rand(3, 16)
    [finding] = check(net, (16,), select=["NW303"])
    assert (finding.module, finding.evidence["features"]) == ("trunk", [16, 16, 8])
    assert "feeds mean and spread" in finding.message
    merged = torch.cat([net.mean.weight, net.spread.weight]) @ net.trunk.weight
    bias = net(torch.zeros(1, 16))
    assert torch.allclose(torch.cat(net(x), 1), x @ merged.T + torch.cat(bias, 1), atol=1e-5)


def test_two_heads_on_a_narrow_layer_are_a_factorisation():
    assert check(Forked(4), (16,), select=["NW303"]) == []
