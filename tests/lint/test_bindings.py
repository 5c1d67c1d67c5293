"""What the statements of a scope bind."""

import ast

import pytest

from netwright.lint.bindings import UNKNOWN, bindings, inside, placed
from netwright.lint.script import Script


def bound(text):
    """The names of a module and the text of what each is bound to; `?` for what cannot be followed."""
    script = Script.parse(text)
    found = bindings(script, script.tree)
    return {name: [_shown(value) for value in values] for name, values in found.items()}


def _shown(value):
    if value is UNKNOWN:
        return "?"
    return value.name if isinstance(value, ast.FunctionDef | ast.ClassDef) else ast.unparse(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\na = 2", {"a": ["1", "2"]}),
        ("a, (b, c) = 1, (2, 3)", {"a": ["1"], "b": ["2"], "c": ["3"]}),
        ("a, *b = c", {"a": ["?"], "b": ["?"]}),
        ("a: int = 1\nb: int", {"a": ["1"]}),
        ("if (a := 1): ...", {"a": ["1"]}),
        ("a += 1", {"a": ["?"]}),
        ("for a, b in c: ...", {"a": ["?"], "b": ["?"]}),
        ("with b as a: ...", {"a": ["?"]}),
        ("import a.b as c, d.e", {"c": ["?"], "d": ["?"]}),
        ("try: ...\nexcept E as a: ...", {"a": ["?"]}),
        ("match b:\n    case [a, *c]: ...", {"a": ["?"], "c": ["?"]}),
        ("def f(a): b = 1", {"f": ["f"]}),
        ("class A:\n    b = 1", {"A": ["A"]}),
        ("x.a = 1\ny[0] = 2", {}),
    ],
)
def test_what_each_statement_binds(text, expected):
    assert bound(text) == expected


def test_a_function_binds_its_parameters_and_not_what_an_inner_one_binds():
    script = Script.parse("def f(a, *, b=1):\n    c = 2\n    def g(d):\n        e = 3")
    assert set(bindings(script, script.tree.body[0])) == {"a", "b", "c", "g"}


def test_the_nodes_of_a_scope_come_in_the_order_of_the_text():
    script = Script.parse("a\nfor b in c:\n    d\ndef f():\n    g\nh")
    assert [node.id for node in inside(script.tree) if isinstance(node, ast.Name)] == [
        "a",
        "b",
        "c",
        "d",
        "h",
    ]


def test_attributes_have_their_part_of_a_value_too():
    assign = Script.parse("self.a, b = 1, 2").tree.body[0]
    parts = [(ast.unparse(target), value.value) for target, value in placed(assign.targets[0], assign.value)]
    assert parts == [("self.a", 1), ("b", 2)]
