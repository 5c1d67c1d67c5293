"""The elements of lists that a loop takes."""

import ast

import pytest

from netwright.lint.script import Script
from netwright.lint.sequences import looped

HEAD = "from torch import nn\n"


def elements(text):
    """Return the elements that the name in the last expression of a text may be."""
    script = Script.parse(HEAD + text)
    names = [node for node in ast.walk(script.tree) if isinstance(node, ast.Name) and node.id == "head"]
    used = [name for name in names if isinstance(name.ctx, ast.Load)]
    return [ast.unparse(part) for part in looped(script, used[-1])]


@pytest.mark.parametrize(
    "text",
    [
        "for head in [f(), g()]:\n    head(x)",
        "for head in (f(), g()):\n    head(x)",
        "heads = [f(), g()]\nfor x in y:\n    for head in heads:\n        head(x)",
        "heads = nn.ModuleList([f(), g()])\nfor head in heads:\n    head(x)",
        "heads = [f(), g()]\nprint(heads[0], len(heads))\nfor head in heads:\n    head(x)",
    ],
)
def test_a_list_that_stays_as_it_is_gives_its_elements(text):
    assert elements(text) == ["f()", "g()"]


def test_an_attribute_of_a_class_is_followed():
    body = "        self.heads = nn.ModuleList([f(), g()])\n"
    use = "    def forward(self, x):\n        for head in self.heads:\n            x = head(x)\n"
    text = f"class A:\n    def __init__(self):\n{body}{use}"
    assert elements(text) == ["f()", "g()"]
    assert (
        elements(text.replace("        for head", "        self.heads.append(h())\n        for head")) == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "heads = [f(), g()]\nheads.append(h())\nfor head in heads:\n    head(x)",
        "heads = [f(), g()]\nheads[0] = h()\nfor head in heads:\n    head(x)",
        "heads = [f(), g()]\nheads += [h()]\nfor head in heads:\n    head(x)",
        "heads = [f(), *more]\nfor head in heads:\n    head(x)",
        "heads = [f() for _ in y]\nfor head in heads:\n    head(x)",
        "for head in heads:\n    head(x)",
        "for head, other in [(f(), g())]:\n    head(x)",
        "for head in [f(), g()]:\n    head = h()\n    head(x)",
        "for head in [f()]:\n    pass\nhead(x)",
        "for head in [f()]:\n    for head in [g()]:\n        head(x)",
        "head = f()\nhead(x)",
    ],
)
def test_whatever_else_a_name_may_be_gives_nothing(text):
    assert elements(text) == []
