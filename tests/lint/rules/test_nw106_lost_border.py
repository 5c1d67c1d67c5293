"""NW106: borders that are dropped."""

import pytest
import torch
from torch import nn

from netwright.lint.run import check


def test_it_agrees_with_zero_gradients_at_the_far_edge():
    for size in range(7, 14):
        layer = nn.Conv1d(1, 1, 3, stride=3)
        x = torch.rand(1, 1, size, requires_grad=True)
        layer(x).sum().backward()
        lost = int((x.grad == 0).sum())
        reported = check(layer, (1, size), select=["NW106"])
        assert [finding.evidence["lost"] for finding in reported] == ([[lost]] if lost else [])


def test_pooling_with_ceil_mode_keeps_its_border():
    assert len(check(nn.MaxPool2d(2), (1, 5, 4), select=["NW106"])) == 1
    assert check(nn.MaxPool2d(2, ceil_mode=True), (1, 5, 4), select=["NW106"]) == []


class Residual(nn.Module):
    """A block whose shortcut, and maybe whose branch, ends one position early on an even map."""

    def __init__(self, padding, normed=False):
        super().__init__()
        self.norm = nn.BatchNorm2d(4) if normed else nn.Identity()
        self.branch = nn.Conv2d(4, 8, 3, stride=2, padding=padding)
        self.shortcut = nn.Conv2d(4, 8, 1, stride=2)
        self.narrow = nn.AvgPool2d(3, stride=2, padding=padding)

    def forward(self, x):
        size = self.branch(self.norm(x)).shape[-2:]
        return self.branch(self.norm(x)) + self.shortcut(x)[..., : size[0], : size[1]] + self.narrow(x).mean()


@pytest.mark.parametrize("normed", [False, True])
def test_what_a_branch_beside_it_reads_is_not_lost(normed):
    """The gradient of the last row tells: with padding the branch reads it, without none does."""
    for padding in (0, 1):
        net = Residual(padding, normed).eval()
        x = torch.rand(1, 4, 8, 8, requires_grad=True)
        net(x).sum().backward()
        read = bool((x.grad[..., -1, :] != 0).any())
        assert read == bool(padding)
        reported = check(net, (4, 8, 8), select=["NW106"])
        assert bool(reported) == (not read and not normed)


def test_a_map_that_is_also_added_is_read():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.pool = nn.MaxPool2d(2)

        def forward(self, x):
            return self.pool(x).mean() + x

    assert check(Net(), (1, 5, 5), select=["NW106"]) == []


@pytest.mark.parametrize("padding", [(1, 1, 1, 1), (0, 1, 0, 0), (0, 0, 0, 1), (1, 0, 1, 0), (0, 2, 0, 2)])
@pytest.mark.parametrize("height", [8, 9])
def test_padding_by_a_layer_before_is_not_a_loss(padding, height):
    """Blur pooling pads by itself and steps over the last position; what counts is data without gradient."""
    net = nn.Sequential(nn.ZeroPad2d(padding), nn.AvgPool2d(3, stride=2))
    x = torch.rand(1, 1, height, 8, requires_grad=True)
    net(x).sum().backward()
    lost = [int((x.grad.sum(axis) == 0).sum()) for axis in (3, 2)]
    reported = check(net, (1, height, 8), select=["NW106"])
    assert [finding.evidence["lost"] for finding in reported] == ([lost] if any(lost) else [])
