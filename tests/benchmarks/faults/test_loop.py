"""Operators of loops change what is a fault afterwards, and leave alone what would not be one."""

import pytest
from faults import OPERATORS
from faults.source import Source

FREEZING = """
class Net(nn.Module):
    def __init__(self):
        self.norm = nn.BatchNorm1d(2)

    def train(self, mode=True):
        super().train(mode)
        self.norm.eval()

net.train()
"""
EVALUATING = """
norm = nn.BatchNorm1d(2)

def evaluate(net, loader):
    net.eval()
    for x in loader:
        net(x)

evaluate(net, loader)
"""


def mutants(name, text):
    """Return the texts of all mutants of a program."""
    return [mutant.text for mutant in OPERATORS[name].mutate(Source("program", text))]


def test_a_layer_that_is_frozen_is_not_an_evaluation():
    assert mutants("no_eval", FREEZING) == []
    assert mutants("no_eval", EVALUATING) == [EVALUATING.replace("    net.eval()\n", "")]


@pytest.mark.parametrize("call", ["F.evaluate(x)", "torch.evaluate(x)", "other(x)"])
def test_a_function_of_torch_of_the_same_name_calls_nothing_of_the_program(call):
    assert mutants("no_eval", EVALUATING.replace("evaluate(net, loader)\n", f"{call}\n")) == []


def test_a_function_that_assigns_to_its_parameter_cannot_ignore_it():
    text = "net = Net()\ndef f(model, x):\n    return model(x)\n"
    assert mutants("parameter_ignored", text) == [text.replace("model(x)", "net(x)")]
    assert mutants("parameter_ignored", text.replace("return", "model = g(model)\n    return")) == []


def test_an_attribute_is_not_overwritten_by_a_local_name():
    text = "for x, y in loader:\n    loss = criterion(x, y)\n"
    assert mutants("overwritten_callable", text) == [text.replace("loss", "criterion")]
    assert mutants("overwritten_callable", text.replace("criterion(", "self.criterion(")) == []
