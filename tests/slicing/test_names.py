"""The names of a piece of code, compared with what Python's own symbol tables say."""

import ast
import symtable
from pathlib import Path

import pytest

import netwright.slicing.names as names
from netwright.slicing.names import (
    aliases,
    at_definition,
    behind,
    called,
    declared,
    own,
    reads,
    roots,
    stored,
)

HERE = Path(names.__file__).parent


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = y.z[w](v)", {"y", "w", "v"}),
        ("x += y", {"x", "y"}),
        ("x.y = z", {"x", "z"}),
        ("[a * b for a in c if a > d]", {"b", "c", "d"}),
        ("{a: b for a, b in c}", {"c"}),
        ("f = lambda x, y=z: x + y + w", {"z", "w"}),
        ("def f(x: int = y, *args: z) -> w:\n a = b\n return a + x + c", {"int", "y", "z", "w", "b", "c"}),
        ("def f():\n global g\n g = h\n return g", {"h", "g"}),
        ("def f(x):\n def inner(): return x + y\n return inner", {"y"}),
        (
            "@decorate\nclass A(B, meta=C):\n width = D\n def f(self): return E",
            {"decorate", "B", "C", "D", "E"},
        ),
        ("class A:\n x = 1\n y = x + z", {"z"}),
        ("with open(p) as f:\n q = f", {"open", "p", "f"}),
        ("import a.b as c", set()),
    ],
)
def test_reads_are_the_names_that_come_from_outside(text: str, expected: set[str]):
    assert reads(ast.parse(text).body[0]) == expected


def test_bodies_are_read_when_they_are_called():
    function, made = ast.parse("def f(x=a): return b + x\nclass A(c):\n def g(self, x=d): return e").body
    assert at_definition(function) == {"a"}
    assert called(function) == {"b"}
    assert reads(function, later=False) == {"a"}
    assert reads(made, later=False) == {"c", "d"}


@pytest.mark.parametrize("file", sorted(HERE.parent.rglob("*.py"))[::9], ids=lambda file: file.name)
def test_functions_read_the_globals_that_python_compiles(file: Path):
    """Symbol tables count annotations too, which belong to the definition."""
    text = file.read_text(encoding="utf-8")
    tables = {
        (table.get_lineno(), table.get_name()): table
        for table in symtable.symtable(text, "f", "exec").get_children()
    }
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and not node.decorator_list:
            table = tables[node.lineno, node.name]
            assert set(table.get_globals()) <= called(node) | at_definition(node) | set(table.get_locals())
            assert called(node) <= _everywhere(table)


def _everywhere(table: symtable.SymbolTable) -> set[str]:
    """The global names of a function and of the functions in it."""
    mine = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return mine.union(*map(_everywhere, table.get_children()))


def test_what_a_scope_binds():
    function = ast.parse(
        "def f(a, *b, c=1, **d):\n e = 1\n for g in h: pass\n with i as j: pass\n import k.l\n"
        " def m(): n = 1\n try: pass\n except E as o: pass\n if (p := 1): pass\n global q\n q = 1\n"
        " match a:\n  case [r, *s]: pass\n  case t: pass"
    ).body[0]
    assert stored(function) == set("abcdegjkmoprst")
    assert declared(function) == {"q"}


def test_own_nodes_leave_out_inner_scopes():
    tree = ast.parse("x = 1\ndef f(): y = 1\nz = [w for w in x]\nclass A: v = 1")
    stores = {node.id for node in own(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    assert stores == {"x", "z"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("net", {"net"}),
        ("net.layers[0].weight.data", {"net"}),
        ("net.to(device).eval().parameters()", {"net"}),
        ("zip(a.modules(), b.modules())", {"a", "b"}),
        ("getattr(net, name)", {"net", "name"}),
        ("net(x)", set()),
        ("net.encode(x)", set()),
        ("nn.Linear(3, 4)", set()),
        ("3", set()),
    ],
)
def test_the_roots_of_an_expression_are_the_objects_that_it_is_a_part_of(text: str, expected: set[str]):
    assert roots(expression(text)) == expected


def test_aliases_are_followed_to_the_object():
    tree = ast.parse(
        "a = b = net[0]\nfor i, c in enumerate(a.children()): pass\nd = c.weight\n(e := d)\n"
        "with net as f: pass\ng = Net(net)\nh, k = net.pair"
    )
    known = aliases(ast.walk(tree))
    for name in "abcdefhk":
        assert "net" in behind({name}, known)
    assert behind({"g"}, known) == {"g"}
