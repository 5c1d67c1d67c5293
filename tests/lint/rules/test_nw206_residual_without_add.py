"""NW206: residual blocks that never add."""

import pytest

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
