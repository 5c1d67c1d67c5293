"""How the statements that a name needs are followed; `test_excerpt` has whole scripts."""

import ast

import pytest

from netwright.slicing.chosen import Choice


def chosen(text: str, name: str = "net", place: int | None = None) -> list[int]:
    """The lines of the statements that stay for a name."""
    choice = Choice(ast.parse(text), lambda package: package != "gone")
    choice.follow(name)
    return sorted(unit.node.lineno for unit in choice.kept)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x = read()\nnet = x\nx = read()", [1, 2]),
        ("x = read()\nx = read()\nnet = x", [2, 3]),
        ("x = read()\nif y:\n    x = read()\nnet = x", [1, 2, 3, 4]),
        ("x = read()\nx += read()\nnet = x", [1, 2, 3]),
        ("x = read()\nnet = x\nx.width = read()", [1, 2, 3]),
        ("x = read()\nnet = x\nx = read()\nx.width = read()", [1, 2]),
        ("def make(): return x\nx = read()\nnet = make()\ny = read()", [1, 2, 3]),
        ("def net(): return x\nx = read()\nx = read()", [1, 3]),
        ("for i in read():\n    net = y\n    y = read()\n    z = read()", [1, 2, 3]),
        ("net = read()\ndel net.x, net[0]\ndel net", [1, 2]),
        ("import gone\nimport a\nnet = read()", [2, 3]),
        ("import gone\nimport a\nnet = gone.read()", [1, 2, 3]),
        ("try:\n    import gone\nexcept ImportError:\n    gone = read()\nnet = gone", [1, 2, 4, 5]),
        ("try:\n    import gone\nexcept ImportError:\n    print(1)\nnet = read()", [5]),
    ],
)
def test_bindings_are_followed_backwards_from_where_they_are_read(text: str, lines: list[int]):
    assert chosen(text) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("net = read()\nnet = train(net)", [1]),
        ("net = read()\nnet, log = fit(net)", [1]),
        ("net = read()\nnet = wrap(net)", [1, 2]),
        ("def go(n): n(1).backward(); return n\nnet = read()\nnet = go(net)", [1, 2]),
        ("def go(n): n(1).backward(); return n\nx = read()\nnet = go(x)", [1, 2, 3]),
        ("net = read()\nloss = net(1)\nloss.backward()\noptimizer.step()", [1]),
        ("net = read()\nfor x in range(9):\n    net.y = read()\n    x.backward()", [1]),
    ],
)
def test_what_only_trains_a_network_is_not_followed_unless_it_makes_it(text: str, lines: list[int]):
    assert chosen(text) == lines


def test_an_unknown_name_needs_nothing_but_what_costs_nothing():
    assert chosen("import a\nx = 3\ny = read()\ndef f(): pass") == [1, 2, 4]


def test_statements_that_leave_a_block_stay_with_it():
    text = "if a:\n    net = 1\nelif b:\n    raise ValueError(b)\nelse:\n    raise ValueError(read)"
    assert chosen("a = read()\nb = 3\nread = 4\n" + text) == [1, 2, 3, 4, 5, 6, 7, 9]
