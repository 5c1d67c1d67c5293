"""Operators of losses change what is a fault afterwards, and leave alone what would not be one."""

import ast

import pytest
from faults import OPERATORS
from faults.source import Source

COMPARED = "def right(model, x, y):\n    best = model(x).argmax(1)\n    return best == y\n"


def mutants(name, text):
    """Return the texts of all mutants of a program."""
    return [mutant.text for mutant in OPERATORS[name].mutate(Source("program", text))]


def test_only_the_method_of_a_tensor_squeezes():
    assert mutants("forgotten_squeeze", "y = net(x).squeeze(1)\n") == ["y = net(x)\n"]
    assert mutants("forgotten_squeeze", "y = self.squeeze(x)\n") == []


def test_a_comparison_stays_one_operand_without_its_squeeze():
    (text,) = mutants("forgotten_squeeze", "right = (out > 0.5).squeeze(1) == y\n")
    (compare,) = (node for node in ast.parse(text).body[0].value.left.ops)
    assert isinstance(compare, ast.Gt)
    assert text == "right = (out > 0.5) == y\n"


@pytest.mark.parametrize(
    "text",
    [COMPARED, "right = net(x).argmax(1) == y\n", "right = net(x).argmax(1).eq(y)\n"],
)
def test_a_dimension_is_kept_where_the_classes_are_compared(text):
    assert mutants("kept_dimension", text) == [text.replace("argmax(1)", "argmax(1, keepdim=True)")]


@pytest.mark.parametrize(
    "text",
    [COMPARED.replace("best == y", "best"), COMPARED.replace("best == y", "x == y"), "print(x.argmax(1))\n"],
)
def test_classes_that_nothing_is_compared_with_keep_their_shape(text):
    assert mutants("kept_dimension", text) == []


def test_the_loss_of_a_function_that_nobody_calls_has_an_unknown_network():
    text = "def f(model, x, y):\n    return F.cross_entropy(model(x), y)\n"
    assert mutants("logits_into_nll", text) == []
    called = f"{text}f(net, x, y)\n"
    assert mutants("logits_into_nll", called) == [called.replace("cross_entropy", "nll_loss")]


def test_without_its_only_squeeze_a_program_with_targets_from_a_file_may_be_right():
    text = "y = net(x).squeeze(1)\ndata = TensorDataset(*torch.load('data.pt'))\n"
    assert mutants("forgotten_squeeze", text) == []
    twice = f"{text}z = net(x).squeeze(1)\n"
    assert len(mutants("forgotten_squeeze", twice)) == 2
