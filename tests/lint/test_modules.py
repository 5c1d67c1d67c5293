"""What a script's expressions are to PyTorch."""

import ast

import pytest

from netwright.lint import modules
from netwright.lint.script import Script

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"


def last(text):
    script = Script.parse(HEAD + text)
    statement = script.tree.body[-1]
    return script, statement.value


def test_module_classes_are_found_through_local_bases():
    script = Script.parse(
        HEAD + "class B(A): ...\nclass A(nn.Module): ...\nclass S(nn.Sequential): ...\nclass C: ..."
    )
    assert set(modules.module_classes(script)) == {"A", "B", "S"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("net = Net()\nnet", ["Net"]),
        ("net = Net().to('cuda')\nnet", ["Net"]),
        ("net = make()\nnet", None),
        ("Net().train()", ["Net"]),
    ],
)
def test_the_classes_of_an_instance(text, expected):
    script, node = last("class Net(nn.Module): ...\n" + text)
    found = modules.classes_of(script, node)
    assert (found and [cls.name for cls in found]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("F.cross_entropy(a, b)", True),
        ("F.cross_entropy(a, b, reduction='sum')", False),
        ("F.cross_entropy(a, b, **o)", False),
        ("loss = nn.MSELoss()\nloss(a, b)", True),
        ("loss = nn.MSELoss(reduction='mean')\nloss(a, b)", True),
        ("loss = nn.MSELoss(reduction='none')\nloss(a, b)", False),
        ("loss = nn.MSELoss() if a else nn.L1Loss(reduction='sum')\nloss(a, b)", False),
        ("unknown(a, b)", False),
    ],
)
def test_a_loss_is_a_mean_only_when_that_is_certain(text, expected):
    assert modules.mean_loss(*last(text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class Net(nn.Module):\n    def __init__(self):\n        self.a = nn.BatchNorm2d(3)\nNet()", True),
        ("class Net(nn.Module):\n    def __init__(self):\n        self.a = nn.Linear(3, 3)\nNet()", False),
        ("class A(nn.Module):\n    a = nn.Dropout()\nclass Net(nn.Module):\n    b = A()\nNet()", True),
        ("class Net(nn.Module):\n    def forward(self, x):\n        return F.dropout(x)\nNet()", True),
        ("import other\nclass Net(nn.Module):\n    a = other.Block()\nNet()", None),
        ("nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))", True),
        ("nn.Linear(2, 2)", False),
        ("make()", None),
    ],
)
def test_whether_the_mode_matters(text, expected):
    assert modules.modal(*last(text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("opt = torch.optim.Adam([])\nopt", True),
        ("self.optimizer", True),
        ("optimiser_g", True),
        ("s = torch.optim.lr_scheduler.StepLR(o)\ns", False),
        ("options", False),
        ("scheduler", False),
    ],
)
def test_optimisers_by_their_maker_else_by_their_name(text, expected):
    assert modules.is_optimiser(*last(text)) is expected


def test_a_list_called_model_is_no_model():
    assert not modules.looks_like_model(*last("model = [1]\nmodel"))
    assert modules.looks_like_model(*last("model = build()\nmodel"))
    assert isinstance(last("model")[1], ast.Name)
