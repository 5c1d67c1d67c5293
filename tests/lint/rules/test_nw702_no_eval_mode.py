"""NW702: modes of training and evaluation."""

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
    found = findings(program("NW702", "bad"), select=["NW702"])
    assert sorted(finding.severity for finding in found) == ["error", "warning"]


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
