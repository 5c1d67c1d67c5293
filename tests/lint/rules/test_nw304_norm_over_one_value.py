"""NW304: norms over one value."""

import pytest
import torch
from torch import nn

from fixing import fixed, network, written
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


@pytest.mark.parametrize(
    ("norm", "mended"),
    [
        ("nn.BatchNorm2d(2 * 4)", "nn.GroupNorm(1, 2 * 4)"),
        ("nn.BatchNorm2d(num_features=8, eps=0.001)", "nn.GroupNorm(1, 8, eps=0.001)"),
        ("nn.BatchNorm2d(8, affine=False)", "nn.GroupNorm(1, 8, affine=False)"),
    ],
)
def test_after_the_fix_one_example_trains(tmp_path, norm, mended):
    layers = f"self.squeeze = nn.Conv2d(3, 8, 4)\nself.norm = {norm}  # kept"
    text, outcome = fixed(tmp_path, written(layers, "return self.norm(self.squeeze(x))"), "NW304", "3x4x4")
    assert f"self.norm = {mended}  # kept\n" in text
    assert outcome.findings == ()
    net = network(tmp_path, (3, 4, 4)).net.train()
    net(torch.rand(1, 3, 4, 4)).square().sum().backward()
    assert net.squeeze.weight.grad is not None


def test_a_norm_that_elsewhere_has_more_values_keeps_the_advice(tmp_path):
    layers = "self.squeeze, self.norm = nn.Conv2d(3, 3, 4), nn.BatchNorm2d(3)"
    before = written(layers, "return self.norm(self.squeeze(self.norm(x)))")
    text, outcome = fixed(tmp_path, before, "NW304", "3x4x4")
    assert text == before
    assert [finding.fix.kind for finding in outcome.findings] == ["manual"]
