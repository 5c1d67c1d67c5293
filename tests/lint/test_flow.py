"""Names are followed through assignments and calls, or reported as unknown."""

import ast

import pytest

from netwright.lint.flow import argument, flow, hides
from netwright.lint.script import Script


def probe(text):
    """The flow of a text and the argument of its `probe(…)` call."""
    script = Script.parse(text)
    call = next(call for call in script.nodes(ast.Call) if ast.unparse(call.func) == "probe")
    return flow(script), call.args[0]


def origins(text):
    follower, node = probe(text)
    reported = follower.origins(node)
    return None if reported is None else [ast.unparse(origin) for origin in reported]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\nb = a\nprobe(b)", ["1"]),
        ("a = 1\na = 2\nprobe(a)", ["1", "2"]),
        ("a, b = 1, 2\nprobe(b)", ["2"]),
        ("def f(x):\n    probe(x)\nf(1)\nf(x=2)", ["1", "2"]),
        ("def f(y, x=3):\n    probe(x)\nf(1)", ["3"]),
        ("def f(*, x=3):\n    probe(x)\nf(x=4)", ["4"]),
        ("def f(x):\n    probe(x)\ndef g(z):\n    f(z)\ng(7)", ["7"]),
        ("import torch\n@torch.no_grad()\ndef f(x):\n    probe(x)\nf(1)", ["1"]),
        ("probe(unbound)", ["unbound"]),
        (
            "class A:\n    def __init__(self):\n        self.a = 1\n    def f(self):\n        probe(self.a)",
            ["1"],
        ),
        ("class A:\n    def __init__(self, a):\n        self.a = a\n        probe(self.a)\nA(3)", ["3"]),
        (
            "class A:\n    def f(self): self.a = 1\nclass B:\n    def f(self):\n        probe(self.a)",
            ["self.a"],
        ),
        ("class A:\n    def f(self):\n        self.a = 1\n        probe(self.a)\nA().a = 2", ["self.a"]),
        (
            "class A:\n    def f(self):\n        self.a = 1\n        self.a += 1\n        probe(self.a)",
            ["self.a"],
        ),
    ],
)
def test_what_is_certain_is_followed(text, expected):
    assert origins(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "for a in b:\n    probe(a)",
        "with b as a:\n    probe(a)",
        "a = 1\na += 1\nprobe(a)",
        "a, b = c\nprobe(a)",
        "def f(x):\n    probe(x)",
        "def f(x):\n    probe(x)\nf(1)\nmap(f, [2])",
        "def f(x):\n    probe(x)\nf(*y)",
        "@cached\ndef f(x):\n    probe(x)\nf(1)",
        "from m import a\nprobe(a)",
        "def f(x):\n    probe(x)\nf(1)\nf(**y)",
        "class A:\n    def __init__(self, a):\n        probe(a)\nA(1)\nmap(A, [2])",
        "class A:\n    def __init__(self, a):\n        probe(a)\nclass B(A): ...\nB(1)",
        "class A:\n    def f(self):\n        self.a, b = c\n        probe(self.a)",
    ],
)
def test_what_is_not_certain_is_unknown(text):
    assert origins(text) is None


def test_the_latest_assignment_in_the_block_wins():
    follower, node = probe("def f():\n    a = 1\n    a = 2\n    with b:\n        probe(a)\n    a = 3")
    assert ast.unparse(follower.value(node)) == "2"


def test_an_assignment_under_a_condition_leaves_it_open():
    follower, node = probe("def f():\n    a = 1\n    if b:\n        a = 2\n    probe(a)")
    assert follower.value(node) is None


def test_literals_are_read_through_names():
    follower, node = probe("N = 5\nprobe(N)")
    assert follower.literal(node) == 5
    follower, node = probe("N = -5\nprobe(N)")
    assert follower.literal(node) == -5
    follower, node = probe("N = f()\nprobe(N)")
    assert follower.literal(node) is ...


def test_arguments_by_name_by_place_or_hidden():
    call = ast.parse("f(1, *rest, p=2, **more)", mode="eval").body
    assert ast.unparse(argument(call, "p", 5)) == "2"
    assert ast.unparse(argument(call, "first", 0)) == "1"
    assert argument(call, "second", 1) is None
    assert hides(call)
    assert not hides(ast.parse("f(1, p=2)", mode="eval").body)


def test_calls_that_fan_out_are_followed_once_each():
    """Ten calls at each of twenty levels: without memory that would be 10^20 paths."""
    levels = [f"def f{i}(x):\n" + f"    f{i + 1}(x)\n" * 10 for i in range(20)]
    text = "".join(levels) + "def f20(x):\n    probe(x)\nf0(1)\nf0(2)\n"
    assert origins(text) == ["1", "2"]


def test_what_leads_back_to_itself_is_unknown():
    assert origins("def f(x):\n    f(x)\n    probe(x)\nf(1)\n") is None
    assert origins("a = b\nb = a\nprobe(a)\n") is None


def test_an_expression_of_a_thousand_terms_is_walked():
    script = Script.parse("a = " + " + ".join(["f()"] * 900))
    assert flow(script).bound(script.tree)["a"]
