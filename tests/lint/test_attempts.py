"""Code that may fail on purpose."""

import ast

import pytest

from netwright.lint.attempts import on_purpose
from netwright.lint.script import Script


def judged(text):
    script = Script.parse(text)
    call = next(node for node in script.nodes(ast.Call) if ast.unparse(node.func) == "torch.new")
    return on_purpose(script, call)


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    torch.new()\nexcept TypeError: ...",
        "if torch.__version__ > '2':\n    torch.new()",
        "x = torch.new() if hasattr(torch, 'new') else None",
        "with contextlib.suppress(TypeError):\n    torch.new()",
        "with pytest.raises(TypeError):\n    torch.new()",
        "with self.assertRaises(TypeError):\n    torch.new()",
        "def f():\n    assert hasattr(torch, 'new')\n    torch.new()",
    ],
)
def test_a_test_or_a_condition_excuses_what_stands_under_it(text):
    assert judged(text)


@pytest.mark.parametrize(
    "text",
    [
        "torch.new()",
        "if ready:\n    torch.new()",
        "with open(path) as file:\n    torch.new()",
        "torch.new()\nassert hasattr(torch, 'new')",
    ],
)
def test_other_surroundings_excuse_nothing(text):
    assert not judged(text)
