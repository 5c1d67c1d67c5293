"""A source file is read, never imported."""

import ast

import pytest

from netwright.errors import UsageError
from netwright.lint.finding import Finding, Fix, Place
from netwright.lint.fix import apply
from netwright.lint.script import Script


def changed(text, edit):
    finding = Finding("C", "n", "error", "m", Place("<text>", 1), fix=Fix("", edits=(edit,)))
    return apply(text, [finding]).text


def test_names_are_followed_through_imports_and_dropped_when_rebound():
    script = Script.parse("import torch.nn as n, torch\nfrom torch import optim as o, cat\ndef cat(): ...\n")
    names = [
        ast.parse(text, mode="eval").body for text in ("n.Conv2d", "o.SGD", "torch.nn", "cat", "other.x")
    ]
    assert [script.dotted(name) for name in names] == [
        "torch.nn.Conv2d",
        "torch.optim.SGD",
        "torch.nn",
        None,
        None,
    ]


def test_columns_count_characters_not_bytes():
    script = Script.parse("é = 'ü'; call(x)")
    call = next(script.nodes(ast.Call))
    assert (script.at(call).column, script.at(call).end_column) == (10, 17)


def test_a_form_feed_ends_no_line():
    script = Script.parse("x = 1\n\x0cy = 2\nz(3)\n")
    assert script.at(next(script.nodes(ast.Call))).line == 3
    assert script.lines[2] == "z(3)"


def test_a_statement_is_inserted_at_its_indentation_and_before_decorators():
    text = "def f():\n    g()\n"
    script = Script.parse(text)
    assert changed(text, script.insert(script.tree.body[0].body[0], "h()")) == "def f():\n    h()\n    g()\n"
    assert changed(text, script.insert(script.tree.body[0], "@d")) == "@d\ndef f():\n    g()\n"
    decorated = "@a\ndef f():\n    g()\n"
    script = Script.parse(decorated)
    assert changed(decorated, script.insert(script.tree.body[0], "@d")) == "@d\n" + decorated
    one_line = "if x: g()\n"
    script = Script.parse(one_line)
    assert changed(one_line, script.insert(script.tree.body[0].body[0], "h()")) == "if x: h(); g()\n"


def test_a_statement_is_removed_with_its_lines():
    text = "a()\nb(\n    1,\n)\nc()"
    script = Script.parse(text)
    assert changed(text, script.remove(script.tree.body[1])) == "a()\nc()"
    assert changed(text, script.remove(script.tree.body[2])) == "a()\nb(\n    1,\n)\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"def f(:\n", r"net.py:1. cannot be read as Python: invalid syntax"),
        (b"x = (1 2)\n", r"invalid syntax\. Perhaps you forgot a comma\?$"),
        (b"x = '\xff\xfe'\n", "not utf-8 text|can't decode|invalid or missing encoding"),
        (b"x = 1\x00\n", "null bytes"),
        (b"# coding: nonsense\n", "unknown encoding"),
        (b"x = " + b"(" * 5000 + b")" * 5000, "cannot be read as Python"),
    ],
)
def test_what_is_not_python_is_refused_with_the_reason(tmp_path, content, reason):
    path = tmp_path / "net.py"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=reason):
        Script.read(str(path))


def test_a_declared_encoding_is_honoured(tmp_path):
    path = tmp_path / "net.py"
    path.write_bytes("# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    assert "é" in Script.read(str(path)).text


def test_a_missing_file_is_named():
    with pytest.raises(UsageError, match=r"there is no file `nowhere.py`"):
        Script.read("nowhere.py")
