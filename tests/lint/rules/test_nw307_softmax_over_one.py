"""NW307: softmax over one value."""

import torch

from netwright.lint.session import Session
from programs import program


def test_it_really_is_constant_and_without_gradient():
    x = torch.randn(4, 1, requires_grad=True)
    out = x.softmax(1)
    out.square().sum().backward()
    assert torch.equal(out, torch.ones(4, 1))
    assert x.grad.abs().max() == 0


def test_both_forms_are_fixed_to_sigmoids(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(program("NW307", "bad").read_text())
    outcome = Session([f"{file}:Net"], "8", select=["NW307"]).fix(unsafe=True, write=True)
    assert outcome.findings == ()
    assert "nn.Sigmoid(),  # NW307" in file.read_text()
    assert "torch.sigmoid(self.head(x))" in file.read_text()
