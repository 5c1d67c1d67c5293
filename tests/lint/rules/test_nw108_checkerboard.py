"""NW108: uneven transposed convolutions."""

import pytest
import torch
from torch import nn

from netwright.lint.run import check
from netwright.lint.session import Session
from programs import findings, program


@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (4, 2), (5, 3), (6, 3), (2, 2), (3, 1), (7, 4)])
def test_it_agrees_with_a_constant_image(kernel, stride):
    """Equal weights on a constant image: an even layer gives a constant interior."""
    layer = nn.ConvTranspose1d(1, 1, kernel, stride, bias=False)
    nn.init.ones_(layer.weight)
    inner = layer(torch.ones(1, 1, 12))[0, 0, kernel - 1 : 1 - kernel]
    uneven = bool((inner != inner[0]).any())
    assert bool(check(layer, (1, 12), select=["NW108"])) == uneven


def test_the_fix_keeps_the_output_size(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(program("NW108", "bad").read_text())
    outcome = Session([f"{file}:Net"], "8x4x4", select=["NW108"]).fix(unsafe=True, write=True)
    assert "self.up = nn.ConvTranspose2d(8, 8, 4, 2, 1)  # NW108" in file.read_text()
    assert [finding.module for finding in outcome.findings] == ["far"]


def test_without_a_padding_that_fits_it_is_advice():
    kinds = {
        finding.module: finding.fix.kind for finding in findings(program("NW108", "bad"), select=["NW108"])
    }
    assert kinds == {"up": "unsafe", "far": "manual"}
