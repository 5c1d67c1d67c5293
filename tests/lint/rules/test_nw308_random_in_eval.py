"""NW308: dropout in evaluation mode."""

from functools import partial

import pytest
import torch
from torch import nn

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


class Closed(nn.Module):
    """The layers are called by functions that hold them; in evaluation mode nothing is random."""

    def __init__(self, how):
        super().__init__()
        self.block = block = nn.ModuleDict({"fc": nn.Linear(8, 8), "drop": nn.Dropout(0.5)})
        ways = {
            "lambda": lambda x: block["drop"](block["fc"](x)),
            "default": lambda x, b=block: b["drop"](b["fc"](x)),
            "method": block["drop"].forward,
            "partial": partial(lambda drop, x: drop(x), block["drop"]),
            "global": lambda x: GLOBAL(x),
        }
        self.way = ways[how]

    def forward(self, x):
        return self.way(x)


GLOBAL = nn.Dropout(0.5)


@pytest.mark.parametrize("how", ["lambda", "default", "method", "partial", "global"])
def test_layers_that_functions_hold_are_in_the_mode_of_the_network(how):
    assert check(Closed(how), (8,), select=["NW308"]) == []
