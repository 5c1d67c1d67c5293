"""NW708: checkpoints that can run code."""

import pickle

import pytest
import torch
from torch import nn

from netwright.lint.fix import applicable, apply
from netwright.lint.run import check
from programs import findings, program


def test_a_whole_model_really_fails_to_load_by_default(tmp_path):
    torch.save(nn.Linear(2, 2), tmp_path / "model.pt")
    with pytest.raises(pickle.UnpicklingError, match="weights_only"):
        torch.load(tmp_path / "model.pt")


def test_only_a_file_that_is_a_state_dict_as_it_is_is_fixed_safely():
    reported = findings(program("NW708", "bad"), select=["NW708"])
    assert [finding.fix.kind for finding in reported] == ["safe", "safe", "manual", "unsafe", "manual"]
    text = apply(program("NW708", "bad").read_text(), applicable(reported, unsafe=False)).text
    assert 'torch.load("weights.pt", map_location="cpu", weights_only=True)' in text
    assert 'torch.load("weights.pt", weights_only=True)' in text
    assert 'torch.load("checkpoint.pt")' in text


def test_the_ways_are_told_apart():
    reported = findings(program("NW708", "bad"), select=["NW708"])
    assert [finding.severity for finding in reported] == ["info", "info", "info", "info", "warning"]
    messages = [finding.message for finding in reported]
    assert "before PyTorch 2.6" in messages[0]
    assert messages[2].startswith("`weights_only=False` runs")
    assert "fails from PyTorch 2.6 on" in messages[4]


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("net = torch.load('a.pt')\nnet(x)", "warning"),
        ("net = torch.load('a.pt').cuda()\nnet.parameters()", "warning"),
        ("torch.load('a.pt').state_dict()", "warning"),
        ("class A:\n    def f(self):\n        self.net = torch.load('a')\n        self.net(x)", "warning"),
        ("x = torch.load('a.pt')\nx.to('cpu')\nnet(x)", "info"),
        ("x = torch.load('a.pt')\nx.items()", "info"),
        ("x = torch.load('a.pt')\nif isinstance(x, nn.Module):\n    x.state_dict()", "info"),
        ("net = build()\nnet.load_state_dict(torch.load('a.pt'))\nnet.eval()", "info"),
    ],
)
def test_a_whole_model_is_known_by_its_use(text, severity, tmp_path):
    (tmp_path / "a.py").write_text(f"import torch\n{text}\n")
    assert [one.severity for one in check(str(tmp_path / "a.py"), select=["NW708"])] == [severity]


@pytest.mark.parametrize(
    "text",
    [
        "scheduler.load_state_dict(torch.load('a.pt'))",
        "net.load_state_dict(torch.load('a.pt')['net'])",
        "net.load_state_dict(torch.load('a.pt', pickle_module=dill))",
    ],
)
def test_what_may_hold_more_than_weights_gets_no_safe_fix(text, tmp_path):
    (tmp_path / "a.py").write_text(f"import torch\n{text}\n")
    reported = check(str(tmp_path / "a.py"), select=["NW708"])
    assert {one.fix.kind for one in reported} <= {"unsafe", "manual"}
