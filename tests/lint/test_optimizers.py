"""The optimizers of a script."""

import ast

import pytest

from netwright.lint.optimizers import after, optimizers, uses
from netwright.lint.script import Script

HEAD = "import torch\n"


@pytest.mark.parametrize(
    ("given", "network"),
    [
        ("self.net.parameters()", "self.net"),
        ("list(net.parameters())", "net"),
        ("filter(lambda p: p.requires_grad, net.parameters())", "net"),
        ("[p for p in net.parameters() if p.requires_grad]", "net"),
        ("[p.data for p in net.parameters()]", ""),
        ("[a, b]", ""),
    ],
)
def test_the_network_is_the_one_whose_parameters_are_given(given, network):
    (made,) = optimizers(Script.parse(f"{HEAD}o = torch.optim.SGD({given}, lr=0.1)"))
    assert (made.network, ast.unparse(made.target)) == (network, "o")


def test_only_optimizers_that_are_stored_count():
    text = "s = torch.optim.lr_scheduler.StepLR(o, 2)\nf(torch.optim.SGD(net.parameters()))"
    assert optimizers(Script.parse(HEAD + text)) == []


def test_statements_after_another_are_those_of_its_block_and_in_them():
    script = Script.parse("if a:\n    x = 1\n    if b:\n        y = 2\nelse:\n    z = 3")
    first = script.tree.body[0].body[0]
    assert [statement.lineno for statement in after(script, first)] == [3, 4]


def test_uses_are_those_of_the_same_name():
    script = Script.parse("x = 1\nprint(x)\ndef f():\n    return x\ndef g(x):\n    return x")
    assert [node.lineno for node in uses(script, script.tree.body[0].targets[0])] == [2, 4]
    script = Script.parse("self.x = 1\nself.x.step()\nother.x")
    assert [node.lineno for node in uses(script, script.tree.body[0].targets[0])] == [2]
