"""NW308: dropout in evaluation mode."""

import pytest
import torch

from netwright.lint.network import Network
from netwright.lint.run import check
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


OUTSIDE = """from torch import nn
from torch.nn import functional as F
{owner}
    def drop(self, x):
        return F.dropout(x, 0.5)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc, self.dropper = nn.Linear(8, 8), Dropper()
    def forward(self, x):
        return self.dropper.drop(self.fc(x))
"""


@pytest.mark.parametrize(
    ("owner", "kind"), [("class Dropper:", "manual"), ("class Dropper(nn.Module):", "safe")]
)
def test_an_object_without_a_mode_gets_advice_only(owner, kind, tmp_path):
    (tmp_path / "net.py").write_text(OUTSIDE.format(owner=owner))
    reported = check(f"{tmp_path / 'net.py'}:Net", (8,), select=["NW308"])
    assert [finding.fix.kind for finding in reported] == [kind]
