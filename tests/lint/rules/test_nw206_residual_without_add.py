"""NW206: residual blocks that never add."""

import pytest
from torch import nn

from netwright.lint.rules.nw206_residual_without_add import NAMED
from netwright.lint.run import check


@pytest.mark.parametrize(
    "name", ["ResBlock", "ResidualBlock", "ResidualUnit", "ResNetBlock", "PreActResBlock"]
)
def test_names_of_residual_blocks(name):
    assert NAMED.match(name)


@pytest.mark.parametrize("name", ["ResNet", "Resize", "ResampleLayer", "Block", "ResNetDeep", "Restore"])
def test_other_names(name):
    assert not NAMED.match(name)


def test_our_residual_networks_add():
    assert check("resnet20", select=["NW206"]) == []
    assert check("preresnet164", select=["NW206"]) == []


class ResidualBlock(nn.Module):
    def __init__(self, shortcut: bool):
        super().__init__()
        self.conv, self.shortcut = nn.Conv2d(4, 4, 3, padding=1), shortcut

    def forward(self, x):
        return self.conv(x) + x if self.shortcut else self.conv(x)


def test_a_class_that_adds_elsewhere_leaves_the_shortcut_out_on_purpose():
    mixed = nn.Sequential(ResidualBlock(False), nn.ReLU(), ResidualBlock(True))
    assert check(mixed, (4, 8, 8), select=["NW206"]) == []
    never = nn.Sequential(ResidualBlock(False), nn.ReLU(), ResidualBlock(False))
    assert [finding.module for finding in check(never, (4, 8, 8), select=["NW206"])] == ["0", "2"]


class BasicBlock(nn.Module):
    """A block with a layer on its shortcut, which `adds` or not."""

    def __init__(self, adds):
        super().__init__()
        self.branch, self.shortcut, self.adds = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 1), adds

    def forward(self, x):
        y = self.branch(x)
        return y + self.shortcut(x) if self.adds else y


def test_a_block_whose_shortcut_is_never_added_is_reported():
    [finding] = check(nn.Sequential(BasicBlock(False)), (3, 8, 8), select=["NW206"])
    assert finding.module == "0"
    assert check(nn.Sequential(BasicBlock(True)), (3, 8, 8), select=["NW206"]) == []


class Residual(nn.Sequential):
    """It forgets what its name says."""


def test_a_class_called_residual_is_judged():
    [finding] = check(nn.Sequential(Residual(nn.Linear(4, 4))), (4,), select=["NW206"])
    assert finding.evidence["class"] == "Residual"
