"""NW308: dropout in evaluation mode."""

import torch

from netwright.lint.network import Network
from netwright.lint.session import Session
from programs import program


def test_predictions_really_differ_and_after_the_fix_do_not(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(program("NW308", "bad").read_text())
    x = torch.rand(64, 8)
    net = Network.of(f"{file}:Net", (8,)).net.eval()
    assert not torch.equal(net(x), net(x))
    outcome = Session([f"{file}:Net"], "8", select=["NW308"]).fix(unsafe=False, write=True)
    assert outcome.findings == ()
    assert "F.dropout(self.fc(x).relu(), 0.5, training=self.training)" in file.read_text()
    net = Network.of(f"{file}:Net", (8,)).net.eval()
    assert torch.equal(net(x), net(x))
