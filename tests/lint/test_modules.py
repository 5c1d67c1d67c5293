"""What a script's expressions are to PyTorch."""

import ast
import os

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
        ("net = Net()\nnet = net.to('cuda')\nnet = nn.DataParallel(net)\nnet", ["Net"]),
        ("net = torch.compile(Net().cuda())\nnet", ["Net"]),
        ("import copy\ncopy.deepcopy(Net())", ["Net"]),
        ("net = Net()\nnet = wrap(net)\nnet", None),
        ("net = net\nnet", None),
    ],
)
def test_the_classes_of_an_instance(text, expected):
    script, node = last("class Net(nn.Module): ...\n" + text)
    reported = modules.classes_of(script, node)
    assert (reported and [cls.name for cls in reported]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("F.cross_entropy(a, b)", True),
        ("F.cross_entropy(a, b, reduction='sum')", False),
        ("F.cross_entropy(a, b, **o)", False),
        ("loss = nn.MSELoss()\nloss(a, b)", True),
        ("loss = nn.MSELoss(reduction='mean')\nloss(a, b)", True),
        ("loss = nn.MSELoss().to(d)\nloss(a, b)", True),
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
        ("nn.TransformerEncoderLayer(8, 2)", True),
        (
            "class Net(nn.Module):\n    def forward(self, x):\n        return self.training\nNet()",
            True,
        ),
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
        ("optimizer_g", True),
        ("s = torch.optim.lr_scheduler.StepLR(o)\ns", False),
        ("options", False),
        ("scheduler", False),
    ],
)
def test_optimizers_by_their_maker_else_by_their_name(text, expected):
    assert modules.is_optimizer(*last(text)) is expected


def test_a_list_called_model_is_not_a_model():
    assert not modules.looks_like_model(*last("model = [1]\nmodel"))
    assert modules.looks_like_model(*last("model = build()\nmodel"))
    assert isinstance(last("model")[1], ast.Name)


BESIDE = """from torch import nn
import parts
class Plain(nn.Module):
    def __init__(self):
        self.a = nn.Conv2d(3, 3, 3)
class Dropping(nn.Module):
    def __init__(self):
        self.a = Half()
class Half(nn.Module):
    def __init__(self):
        self.a = nn.Dropout()
class Mixed(nn.Module):
    def __init__(self):
        self.a = parts.Block()
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Plain", False), ("Dropping", True), ("Mixed", None), ("Missing", None)],
)
def test_a_network_of_a_file_beside_is_read_there(tmp_path, name, expected):
    (tmp_path / "model.py").write_text(BESIDE)
    text = f"from model import {name}\nnet = {name}(4).to('cpu')\nnet"
    script = Script.parse(text, str(tmp_path / "train.py"))
    assert modules.modal(script, script.tree.body[-1].value) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from .model import Plain", False),
        ("from .model import Dropping as Plain", True),
        ("from ..model import Plain", None),
        ("from . import Plain", None),
    ],
)
def test_a_relative_import_is_read_from_the_folder_and_others_are_unknown(tmp_path, line, expected):
    (tmp_path / "model.py").write_text(BESIDE)
    script = Script.parse(f"{line}\nPlain()", str(tmp_path / "train.py"))
    assert modules.modal(script, script.tree.body[-1].value) is expected


@pytest.mark.parametrize(
    "line", ["from foreign import *", "from .foreign import Block", "from . import Block"]
)
def test_a_part_that_comes_from_elsewhere_leaves_it_open(tmp_path, line):
    net = "class Net(nn.Module):\n    def __init__(self):\n        self.a = Block()\n"
    script = Script.parse(f"from torch import nn\n{line}\n{net}Net()", str(tmp_path / "train.py"))
    assert modules.modal(script, script.tree.body[-1].value) is None


def test_a_file_beside_is_read_again_when_it_has_changed(tmp_path):
    beside = tmp_path / "model.py"
    script = Script.parse("from model import Plain\nPlain()", str(tmp_path / "train.py"))
    beside.write_text(BESIDE)
    assert modules.modal(script, script.tree.body[-1].value) is False
    beside.write_text(BESIDE.replace("nn.Conv2d(3, 3, 3)", "nn.BatchNorm2d(3)"))
    os.utime(beside, ns=(1, 1))
    assert modules.modal(script, script.tree.body[-1].value) is True


@pytest.mark.parametrize("text", ["class Net(", "", "Net = 1"])
def test_a_file_beside_that_says_nothing_leaves_it_open(tmp_path, text):
    (tmp_path / "model.py").write_text(text)
    script = Script.parse("from model import Net\nNet()", str(tmp_path / "train.py"))
    assert modules.modal(script, script.tree.body[-1].value) is None


def test_packages_beside_are_followed_and_nothing_outside(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "model.py").write_text(BESIDE)
    script = Script.parse("from src.model import Plain\nfrom os import path", str(tmp_path / "train.py"))
    assert modules.written(script, "Plain")[1].name == "Plain"
    assert modules.written(script, "path") is None
    assert modules.written(script, "nowhere") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("net", "net"), ("self.net", "net"), ("a.b.net", "net"), ("build()", None), ("nets[0]", None)],
)
def test_the_last_name_of_an_expression(text, expected):
    assert modules.last_name(last(text)[1]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("self.model", True),
        ("classifier2", True),
        ("models", False),
        ("model = {}\nmodel", False),
        ("class A(nn.Module): ...\nthing = A()\nthing", True),
        ("class A(nn.Module): ...\nthing = A() if x else None\nthing", False),
    ],
)
def test_a_model_is_known_by_its_class_and_else_by_its_name(text, expected):
    assert modules.looks_like_model(*last(text)) is expected


def test_a_network_through_two_files_beside_each_other(tmp_path):
    """What `blocks.py` lends `model.py` counts too; a circle of imports ends."""
    lent = "from torch import nn\nfrom model import Net\nclass Block(nn.Module):\n    net, inner = Net, nn."
    (tmp_path / "model.py").write_text(
        "from torch import nn\nfrom blocks import Block\nclass Net(nn.Module):\n    block = Block()\n"
    )
    script = Script.parse("from model import Net\nNet()", str(tmp_path / "train.py"))
    for layer, expected in (("GELU()", False), ("AlphaDropout()", True)):
        (tmp_path / "blocks.py").write_text(f"{lent}{layer}\n")
        os.utime(tmp_path / "blocks.py", ns=(len(layer), len(layer)))
        assert modules.modal(script, script.tree.body[-1].value) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def mark(f): ...\nmark", "mark"),
        ("from model import Plain\nPlain", "Plain"),
        ("import model\nmodel.Half", "Half"),
        ("from model import Missing\nMissing", None),
        ("from elsewhere import mark\nmark", None),
        ("mark = 1\nmark", None),
    ],
)
def test_a_definition_is_found_here_and_in_the_file_beside(text, expected, tmp_path):
    (tmp_path / "model.py").write_text(BESIDE)
    script = Script.parse(text, str(tmp_path / "train.py"))
    definition = modules.defined(script, script.tree.body[-1].value)
    assert getattr(definition, "name", None) == expected


OWN = """class Net(nn.Module):
    def forward(self, x):
        return x
    def fit(self, x, other):
        {text}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("self(x)", "Net"),
        ("self.eval()(x)", "Net"),
        ("self.cuda().train()(x)", "Net"),
        ("self.forward(x)", "Net"),
        ("self.fc(x)", None),
        ("other(x)", None),
        ("super().forward(x)", None),
    ],
)
def test_a_network_that_calls_itself(text, expected):
    tree = Script.parse("from torch import nn\n" + OWN.format(text=text))
    call = tree.tree.body[1].body[1].body[0].value
    assert getattr(modules.own_class(tree, call), "name", None) == expected


def test_only_a_network_is_its_own_class():
    plain = Script.parse(OWN.format(text="self(x)").replace("nn.Module", "Trainer"))
    assert modules.own_class(plain, plain.tree.body[0].body[1].body[0].value) is None


def test_the_lineage_of_a_class_is_in_its_file():
    text = "from torch import nn\nclass A(nn.Module): ...\nclass B(A): ...\nclass C(B, other.D): ...\n"
    script = Script.parse(text)
    assert [cls.name for cls in modules.lineage(script, script.tree.body[3])] == ["C", "B", "A"]
