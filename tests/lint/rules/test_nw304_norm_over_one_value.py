"""NW304: norms over one value."""

import pytest
import torch
from torch import nn

from netwright.lint.run import check
from programs import findings, program


def test_training_on_one_example_really_fails():
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        nn.BatchNorm2d(8).train()(torch.rand(1, 8, 1, 1))


def test_the_layer_is_named():
    [finding] = findings(program("NW304", "bad"), select=["NW304"])
    assert finding.module == "norm"
    assert "training on one example fails" in finding.message


def test_a_declared_input_of_one_position_is_the_user_s_choice():
    net = nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))
    assert check(net, (4, 1, 1), select=["NW304"]) == []
