"""NW714: a loss or a module that is overwritten by its own result."""

import pytest
import torch
from torch import nn

from programs import findings, program, script

HEAD = "import torch\nfrom torch import nn\n"


def test_the_second_pass_of_the_loop_calls_a_tensor():
    """The claim of the page."""
    loss = nn.MSELoss()
    loss = loss(torch.ones(2), torch.zeros(2))
    with pytest.raises(TypeError, match="'Tensor' object is not callable"):
        loss(torch.ones(2), torch.zeros(2))


def test_the_message_says_when_the_call_fails():
    attribute, argument, local = sorted(
        findings(program("NW714", "bad"), select=["NW714"]), key=lambda finding: finding.line
    )
    assert "the next call of `step` calls a tensor" in attribute.message
    assert "the next pass of the loop in line 26 calls a tensor" in argument.message
    assert "makes it a local name" in local.message
    assert local.evidence == {"name": "measure", "local": True}


def test_the_fix_gives_the_result_a_name_that_is_free():
    edits = {finding.line: finding.fix for finding in findings(program("NW714", "bad"), select=["NW714"])}
    assert edits[20].kind == "manual"
    assert {edit.text for edit in edits[28].edits} == {"loss"}
    assert [edit.place.line for edit in edits[28].edits] == [28, 29]


def test_advice_is_given_where_the_loop_also_reads_the_name_before(tmp_path):
    text = "loss = nn.MSELoss()\nfor x in data:\n    print(loss)\n    loss = loss(x, x)\n"
    file = tmp_path / "train.py"
    file.write_text(HEAD + text)
    (finding,) = findings(file, select=["NW714"])
    assert (finding.line, finding.fix.kind) == (6, "manual")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("net = nn.Linear(2, 2)\nfor x in data:\n    net = net(x)", 5),
        ("loss = nn.MSELoss()\nwhile True:\n    loss = loss(x, y).item()", 5),
        ("loss = nn.MSELoss()\nfor x in data:\n    out, loss = net(x), loss(x, x)", 5),
        ("def f(loss_fn, x):\n    for y in x:\n        while y:\n            loss_fn = 2 * loss_fn(y, x)", 6),
        ("def loss(x, y):\n    return x\ndef f(x):\n    loss = loss(x, x)", 6),
    ],
)
def test_every_form_of_the_assignment_is_found(text, line):
    assert script(HEAD + text + "\n", "NW714") == [line]


@pytest.mark.parametrize(
    "text",
    [
        "make = build()\nfor x in data:\n    make = make(x)",
        "for x in data:\n    loss = build()\n    loss = loss(x, x)",
        "class Loss: ...\ndef f():\n    for x in data:\n        loss = Loss(x, x)",
        "def f(loss):\n    for x in data:\n        loss = loss(x, x)\n        return loss",
        "def f(loss):\n    for x in data:\n        call = lambda: loss(x, x)",
        "class A:\n    def f(self, x):\n        self.step = self.step(x)",
        "class A:\n    def __init__(self, x):\n        self.n = nn.ReLU()\n        self.n = self.n(x)",
    ],
)
def test_a_callable_that_lasts_or_returns_another_says_nothing(text):
    assert script(HEAD + text + "\n", "NW714") == []


def test_a_function_that_is_given_its_loss_needs_no_import_of_torch():
    assert script("def f(loss):\n    for x in data:\n        loss = loss(x, x)\n", "NW714") == [3]
