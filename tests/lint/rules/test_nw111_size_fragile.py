"""NW111: networks that odd sizes break."""

import pytest
import torch

from netwright.lint.network import Network
from programs import findings, program


def test_the_shapes_are_those_of_the_real_failure():
    [finding] = findings(program("NW111", "bad"), select=["NW111"])
    assert "on 3x9x9 this cat gets maps of 9x9 and 8x8" in finding.message
    net = Network.of(f"{program('NW111', 'bad')}:Net", (3, 8, 8)).net
    with pytest.raises(RuntimeError, match=r"Expected size 9 but got size 8"):
        net(torch.zeros(1, 3, 9, 9))


def test_a_network_that_resizes_runs_on_odd_sizes():
    net = Network.of(f"{program('NW111', 'good')}:Net", (3, 8, 8)).net
    assert net(torch.zeros(1, 3, 9, 9)).shape == (1, 6, 9, 9)
