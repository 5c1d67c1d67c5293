"""NW702: modes of training and evaluation."""

import pytest

from netwright.lint.run import check
from netwright.lint.session import Session
from programs import findings, program, script

HEAD = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        self.{layer}
    def forward(self, x):
        return self.a(x)
net = Net()
def score(model, loader):
    {before}
    n = 0
    for x, y in loader:
        n += (model(x).argmax(1) == y).sum()
    return n
"""


def judged(before="pass", layer="a = nn.Dropout()", after="score(net, data)"):
    return script(HEAD.format(before=before, layer=layer) + after + "\n", "NW702")


def test_an_evaluation_in_training_mode_is_found():
    assert judged() == [12]


def test_both_must_be_there():
    assert judged("model.eval()") == [12]
    assert judged(after="net.eval()\nwith torch.no_grad():\n    score(net, data)") == []
    assert judged(after="net.train(False)\nwith torch.inference_mode():\n    score(net, data)") == []


def test_without_modal_layers_only_the_graph_matters():
    linear = "a = nn.Linear(2, 2)"
    assert judged(layer=linear) == [12]
    assert judged(layer=linear, after="with torch.no_grad():\n    score(net, data)") == []


def test_a_function_nobody_calls_is_not_judged():
    assert judged(after="pass") == []


def test_severity_follows_what_is_certain():
    reported = findings(program("NW702", "bad"), select=["NW702"])
    assert sorted(finding.severity for finding in reported) == ["error", "warning"]


def test_the_fix_sets_both_modes_and_leaves_nothing_to_say(tmp_path):
    file = tmp_path / "a.py"
    file.write_text(program("NW702", "bad").read_text())
    outcome = Session([str(file)], select=["NW702"]).fix(unsafe=False, write=True)
    assert outcome.findings == ()
    text = file.read_text()
    assert "    model.train()\n    for x, y in loader:" in text
    assert "@torch.no_grad()\ndef accuracy(model, loader):" in text
    assert "    model.eval()\n    for x, y in loader:" in text


def test_eval_without_a_way_back_is_an_error():
    text = program("NW702", "good").read_text().replace("    model.train()\n", "")
    line = text[: text.index("    for x, y in loader:")].count("\n") + 1
    assert script(text, "NW702") == [line]


IMPORTED = """import torch
from model import Net
net = Net()
def psnr(loader):
    total = 0
    with torch.no_grad():
        for x, y in loader:
            total += torch.nn.functional.mse_loss(net(x), y).item()
    return total
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
def train(loader):
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()
for _ in range(3):
    train(data)
    psnr(data)
"""


@pytest.mark.parametrize(("layer", "lines"), [("Conv2d(3, 3, 3)", []), ("BatchNorm2d(3)", [7, 12])])
def test_a_network_of_another_file_is_judged_by_its_class(tmp_path, layer, lines):
    """An upscaling network without norms and dropout needs no mode, wherever its class stands."""
    net = (
        f"from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        self.a = nn.{layer}\n"
    )
    (tmp_path / "model.py").write_text(net)
    (tmp_path / "train.py").write_text(IMPORTED)
    reported = check(str(tmp_path / "train.py"), select=["NW702"])
    assert [finding.line for finding in reported] == lines
