"""NW301: biases that a norm takes away."""

import torch
from torch import nn

from netwright.lint.session import Session
from programs import findings, program


def test_the_bias_really_does_nothing_and_gets_no_gradient():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    x = torch.rand(4, 3, 8, 8)
    before = net(x)
    before.square().mean().backward()
    assert net[0].bias.grad.abs().max() < 1e-6
    net[0].bias.data += 5
    assert torch.allclose(before, net(x), atol=1e-4)


def test_the_count_and_the_norm_s_line_are_given():
    reported = findings(program("NW301", "bad"), select=["NW301"])
    assert [finding.evidence["parameters"] for finding in reported] == [8, 8]
    assert (
        "conv adds a bias that norm (line 11) subtracts again; 8 parameters do nothing" in reported[0].message
    )


def test_the_fix_leaves_the_bias_out(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(program("NW301", "bad").read_text())
    outcome = Session([f"{file}:Net"], "3x8x8", select=["NW301"]).fix(unsafe=True, write=True)
    assert outcome.findings == ()
    assert "nn.Conv2d(3, 8, 3, bias=False)" in file.read_text()
