"""NW703: a global network called in place of the parameter."""

from netwright.lint.fix import apply
from programs import findings, program, script

HEAD = "from torch import nn\nclass Net(nn.Module): ...\nnet = Net()\n"


def test_the_fix_calls_the_parameter_everywhere_in_the_function():
    bad = program("NW703", "bad")
    text = apply(bad.read_text(), findings(bad, select=["NW703"])).text
    assert "[model(x).argmax(1) for x in loader]" in text


def test_a_global_that_is_not_surely_a_network_says_nothing():
    assert script("net = make()\ndef f(model, x):\n    return net(x)\n", "NW703") == []


def test_a_name_bound_in_the_function_is_not_the_global():
    assert script(HEAD + "def f(model, x):\n    net = Net()\n    return net(x)\n", "NW703") == []


def test_nested_uses_of_the_parameter_count_as_reading_it():
    assert script(HEAD + "def f(model, x):\n    g = lambda: model\n    return net(x)\n", "NW703") == []
    assert script(HEAD + "def f(model, x):\n    return net(x)\n", "NW703") == [5]
