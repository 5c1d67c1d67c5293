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
