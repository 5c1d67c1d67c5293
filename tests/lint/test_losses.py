"""What a network returns, and what its loss expects."""

import ast

import pytest

from netwright.lint import losses
from netwright.lint.script import Script

HEAD = """import torch
from torch import nn
from torch.nn import functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.act = nn.Softmax(1)
        self.seq = nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.ReLU(), nn.Sigmoid()))
    def forward(self, x):
"""


def kind(body):
    script = Script.parse(HEAD + "".join(f"        {line}\n" for line in body.split(";")))
    kinds = [output for output, _ in losses.returned(script, script.tree.body[3])]
    return " or ".join(kinds) or None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return self.fc(x)", "logits"),
        ("return F.softmax(self.fc(x), 1)", "softmax"),
        ("x = self.fc(x);return x.softmax(1)", "softmax"),
        ("return self.act(self.fc(x))", "softmax"),
        ("return self.seq(x)", "sigmoid"),
        ("y = self.fc(x);y = torch.log_softmax(y, 1);return y", "log_softmax"),
        ("return F.relu(x)", None),
        ("return self.fc(x), x", None),
        ("return self.fc(x).squeeze(1)", "logits"),
        ("return torch.flatten(self.act(self.fc(x)), 1)", "softmax"),
        ("if x: return x;return self.fc(x)", None),
        ("if x: return self.fc(x);return self.act(x)", "logits or softmax"),
    ],
)
def test_what_forward_returns(body, expected):
    assert kind(body) == expected


def test_uses_name_the_loss_where_it_was_made():
    script = Script.parse(
        HEAD + "        return x\nnet = Net()\nbce = nn.BCELoss()\nbce(net(x), y)\nF.nll_loss(z, y)\n"
    )
    reported = list(losses.uses(script))
    assert [(use.kind, use.made.lineno) for use in reported] == [("bce", 13), ("nll", 15)]
    assert [cls.name for cls in losses.networks(script, reported[0].output)] == ["Net"]
    assert losses.networks(script, reported[1].output) == []


def test_a_loss_that_may_be_two_things_is_not_a_use():
    script = Script.parse("from torch import nn\nl = nn.BCELoss()\nl = nn.NLLLoss()\nl(x, y)\n")
    assert list(losses.uses(script)) == []
    assert isinstance(script.tree.body[-1], ast.Expr)


NORMED = """from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
    def forward(self, x):
        return self.norm(x)
"""


def test_what_a_norm_returns_is_unbounded_as_logits_are():
    script = Script.parse(NORMED)
    (output,) = losses.returned(script, script.tree.body[1])
    assert output[0] == "logits"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("F.nll_loss(self(x), y)", ["logits"]),
        ("F.nll_loss(self.train()(x), y)", ["logits"]),
        ("F.nll_loss(self.forward(x), y)", ["logits"]),
        ("F.nll_loss(self.fc.forward(x), y)", []),
        ("F.nll_loss(other(x), y)", []),
    ],
)
def test_a_network_that_calls_itself_is_known(text, expected):
    script = Script.parse(
        f"{HEAD}        return self.fc(x)\n    def fit(self, other, x, y):\n        {text}\n"
    )
    (use,) = losses.uses(script)
    assert [output for kinds in losses.outputs(script, use.output) for output, _ in kinds] == expected
    assert [cls.name for cls in losses.networks(script, use.output)] == ["Net"] * len(expected)
