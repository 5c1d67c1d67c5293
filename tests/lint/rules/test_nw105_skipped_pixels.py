"""NW105: positions nothing reads."""

import pytest
import torch
from torch import nn

from netwright.lint.run import check


@pytest.mark.parametrize("layer", [nn.Conv2d(3, 4, 1, stride=2), nn.Conv2d(3, 4, 2, stride=3)])
def test_the_share_is_that_of_zero_gradients(layer):
    x = torch.rand(1, 3, 8, 8, requires_grad=True)
    layer(x).sum().backward()
    zero = (x.grad[0, 0] == 0).float().mean().item()
    [finding] = check(layer, (3, 8, 8), select=["NW105"])
    assert finding.evidence["skipped"] == pytest.approx(zero)


def test_a_returned_map_is_read():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 1, stride=2)

        def forward(self, x):
            y = x.relu()
            return self.conv(y), y

    assert check(Net(), (3, 8, 8), select=["NW105"]) == []


def test_a_sibling_that_normalises_the_same_map_by_itself_reads_it():
    """Dual path networks: each branch begins with a norm of its own."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(3, 4, 3, padding=1)
            self.skip = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 1, stride=2))
            self.branch = nn.Sequential(nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3, stride=2, padding=1))

        def forward(self, x):
            x = self.stem(x)
            return self.skip(x) + self.branch(x)

    assert check(Net(), (3, 8, 8), select=["NW105"]) == []


def test_padding_and_tokens_on_the_way_do_not_hide_the_reader():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.values = nn.Linear(4, 4)
            self.pool = nn.Conv2d(4, 4, 1, stride=2)

        def forward(self, x):
            tokens = x.flatten(2).transpose(1, 2)
            y = self.values(tokens).transpose(1, 2).reshape(x.shape)
            return self.pool(torch.nn.functional.pad(y, (0, 1, 0, 1))), tokens.mean()

    assert check(Net(), (4, 8, 8), select=["NW105"]) == []
