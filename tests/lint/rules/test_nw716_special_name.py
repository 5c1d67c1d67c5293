"""NW716: misspelled special methods, and lists of modules that are called."""

import pytest
import torch
from torch import nn

from programs import findings, program, script

HEAD = "import torch\nfrom torch import nn\n"
MODULE = HEAD + "class Net(nn.Module):\n"


def test_torch_refuses_to_call_a_list_of_modules():
    """The claim of the page."""
    with pytest.raises(NotImplementedError):
        nn.ModuleList([nn.ReLU()])(torch.ones(1))
    with pytest.raises(NotImplementedError):
        nn.ModuleDict({"a": nn.ReLU()})(torch.ones(1))


def test_names_are_fixed_safely_and_lists_by_hand():
    fixes = {finding.line: finding.fix for finding in findings(program("NW716", "bad"), select=["NW716"])}
    assert {line: fix.kind for line, fix in fixes.items() if fix.edits} == dict.fromkeys(
        [7, 15, 20, 23, 26], "safe"
    )
    assert [edit.place.line for edit in fixes[7].edits] == [7, 8]
    assert {edit.text for edit in fixes[20].edits} == {"__init__"}


def test_a_class_that_torch_does_not_know_is_fixed_only_on_request(tmp_path):
    file = tmp_path / "store.py"
    file.write_text("class Store:\n    def _init_(self):\n        self.x = 1\n")
    (finding,) = findings(file, select=["NW716"])
    assert finding.fix.kind == "unsafe"


@pytest.mark.parametrize(
    "method",
    [
        "foward(self, x)",
        "forwad(self, x)",
        "Forward(self, x)",
        "__inti__(self)",
        "__init_(self)",
        "_call_(self)",
    ],
)
def test_every_slip_is_found_in_a_module(method):
    assert script(MODULE + f"    def {method}:\n        return 1\n", "NW716") == [4]


@pytest.mark.parametrize(
    "text",
    [
        MODULE + "    def forward_(self, x):\n        return x\n",
        MODULE + "    def forward(self, x): ...\n    def foward(self, x): ...\n",
        MODULE + "    def foward(self, x): ...\n    def __call__(self, x):\n        return self.foward(x)\n",
        MODULE
        + "    def __init(self): ...\n    def __getitems__(self): ...\n    def __add__(self, other): ...\n",
        "class Other:\n    def foward(self): ...\n",
        "class Color(Enum):\n    def _missing_(cls, value): ...\n    def _repr_html_(self): ...\n",
        "class A:\n    def _init_(self): ...\ngetattr(A(), '_init_')()\n",
    ],
)
def test_names_of_their_own_say_nothing(text):
    assert script(text, "NW716") == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("heads = nn.ModuleDict({})\ny = heads(x)", [4]),
        ("heads = nn.ModuleList([])\ny = heads[0](x)", []),
        ("def f(heads):\n    return heads(x)\nf(nn.ModuleList([]))", [4]),
        ("def f(heads):\n    return heads(x)\nf(nn.ModuleList([]))\nf(nn.Linear(2, 2))", []),
    ],
)
def test_only_what_is_certainly_a_list_cannot_be_called(text, lines):
    assert script(HEAD + text + "\n", "NW716") == lines


@pytest.mark.parametrize("name", ["___init__", "_init_", "__inti__", "__int__"])
def test_a_misspelled_constructor_of_the_base_is_found_and_fixed_safely(name, tmp_path):
    with pytest.raises(AttributeError):
        type("Net", (nn.Module,), {"__init__": lambda self: getattr(super(nn.Module, self), name)()})()
    file = tmp_path / "net.py"
    file.write_text(MODULE + f"    def __init__(self):\n        super(Net, self).{name}()\n")
    (finding,) = findings(file, select=["NW716"])
    assert (finding.line, finding.fix.text, finding.fix.safe) == (5, "super(Net, self).__init__", True)


def test_what_another_base_may_have_is_not_judged():
    text = "from base import Base\nclass Net(Base):\n    def __init__(self):\n        super()._init_()\n"
    assert script(text, "NW716") == []
