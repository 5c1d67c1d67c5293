"""NW104: taps that never touch data."""

import pytest
import torch
from torch import nn

from fixing import fixed, network, written
from netwright.lint.run import check
from netwright.lint.session import Session
from programs import findings, program


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Conv2d(2, 3, 4, 2, 1), (2, 2, 2)),
        (nn.Conv2d(2, 3, 3, 1, 1), (2, 1, 4)),
        (nn.Conv2d(2, 3, 3, 1, 4, dilation=4), (2, 3, 3)),
        (nn.Conv1d(2, 3, 7, padding=3), (2, 2)),
        (nn.ConvTranspose2d(2, 3, 4, 2, 1), (2, 1, 1)),
    ],
)
def test_the_wasted_weights_are_those_without_a_gradient(layer, shape):
    layer(torch.rand(2, *shape)).sum().backward()
    dead = int((layer.weight.grad == 0).sum())
    [finding] = check(layer, shape, select=["NW104"])
    assert finding.evidence["wasted"] == dead > 0


def test_the_fix_computes_the_same():
    torch.manual_seed(0)
    wide, small = nn.Conv2d(2, 3, 4, 2, 1), nn.Conv2d(2, 3, 2, 2, 0)
    small.weight.data, small.bias.data = wide.weight.data[..., 1:3, 1:3], wide.bias.data
    x = torch.rand(1, 2, 2, 2)
    assert torch.allclose(wide(x), small(x), atol=1e-6)


def test_the_program_is_fixed(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(program("NW104", "bad").read_text())
    outcome = Session([f"{file}:Net"], "3x4x4", select=["NW104"]).fix(unsafe=True, write=True)
    assert outcome.findings == ()
    assert "nn.Conv2d(8, 16, 2, 2, 0)" in file.read_text()


def test_half_of_the_weights_make_an_error():
    severities = {
        finding.module: finding.severity for finding in findings(program("NW104", "bad"), select=["NW104"])
    }
    assert severities == {"waste": "error", "some": "warning"}


def test_a_transposed_layer_keeps_the_taps_that_write_to_the_map(tmp_path):
    """DCGAN's first layer, written 4,2,1 on a single position: the middle 2x2 is what counts."""
    torch.manual_seed(0)
    layers = "self.up = nn.ConvTranspose2d(6, 4, 4, 2, 1, bias=False)"
    text, outcome = fixed(tmp_path, written(layers, "return self.up(x)"), "NW104", "6x1x1")
    assert "nn.ConvTranspose2d(6, 4, 2, 2, 0, bias=False)" in text
    assert outcome.findings == ()
    wide, small = nn.ConvTranspose2d(6, 4, 4, 2, 1, bias=False), network(tmp_path, (6, 1, 1)).net
    small.up.weight.data = wide.weight.data[..., 1:3, 1:3]
    x = torch.rand(1, 6, 1, 1)
    assert torch.allclose(wide(x), small(x), atol=1e-6)
