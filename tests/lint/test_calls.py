"""What a script's loops and functions run, and what runs them."""

import ast

import pytest

from netwright.lint.calls import calls
from netwright.lint.script import Script

GRAPH = """
def a():
    b()
    deep()
def b():
    a()
class C:
    def m(self):
        a()
class D:
    def m(self):
        self.other()
for i in x:
    c.m()
"""
SCORE = """
def score(model, loader):
    for x, y in loader:
        total += (model(x).argmax(1) == y).sum()
    return total
"""


def function(script, name):
    return next(node for node in script.nodes(ast.FunctionDef) if node.name == name)


def test_what_a_loop_reaches_goes_through_functions_and_methods_once():
    """A call of `m` may run the method of either class; what recurs is met once."""
    script = Script.parse(GRAPH)
    loop = script.tree.body[-1]
    reported = list(calls(script).reached(loop))
    assert reported[0] is loop
    assert sorted(node.name for node in reported[1:]) == ["a", "b", "m", "m"]
    assert calls(script).words(reported) == {"m", "other"}


def test_callers_are_those_by_name_and_for_methods_by_the_method_s_name():
    script = Script.parse(GRAPH)
    assert [call.lineno for call in calls(script).callers(function(script, "a"))] == [6, 9]
    assert [call.lineno for call in calls(script).callers(function(script, "m"))] == [14]
    script = Script.parse(SCORE)
    assert calls(script).callers(function(script, "score")) == []


def test_a_local_function_hides_a_global_one_of_its_name():
    script = Script.parse("def f(): ...\ndef g():\n    def f(): ...\n    f()\nf()\n")
    outer, inner = script.tree.body[0], script.tree.body[1].body[0]
    assert [call.lineno for call in calls(script).callers(outer)] == [5]
    assert [call.lineno for call in calls(script).callers(inner)] == [4]
    assert [calls(script).called(call) for call in calls(script).callers(inner)] == [[inner]]


def test_surroundings_end_at_the_module_or_are_unknown():
    script = Script.parse(SCORE + "\nscore(net, data)\n")
    loop = next(script.nodes(ast.For))
    around = calls(script).surroundings(loop)
    assert [type(scope).__name__ for scope in around] == ["FunctionDef", "Module"]
    script = Script.parse(SCORE)
    assert calls(script).surroundings(next(script.nodes(ast.For))) is None


def test_methods_are_those_of_the_scope_itself():
    script = Script.parse("def f():\n    x.eval()\n    def g():\n        y.eval()\n    z.train()\n")
    reported = calls(script).methods(script.tree.body[0], "eval", "sleep")
    assert [ast.unparse(call) for call in reported] == ["x.eval()"]


def test_reads_and_additions_are_those_of_a_name_s_own_scope():
    text = (
        "total = 0\ndef f():\n    total = 0\n    total += 1\n    total -= 1\n    print(total)\ntotal += 2\n"
    )
    script = Script.parse(text)
    outer, *_, inner = sorted(script.names["total"], key=lambda node: node.col_offset)
    assert [node.lineno for node in calls(script).reads(inner)] == [6]
    assert [node.lineno for node in calls(script).additions(inner)] == [4]
    assert [node.lineno for node in calls(script).additions(outer)] == [7]
    assert calls(script).reads(outer) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@torch.inference_mode()\ndef f():\n    LOOP", True),
        ("def f():\n    with torch.no_grad():\n        LOOP", True),
        ("def f():\n    torch.set_grad_enabled(False)\n    LOOP", True),
        ("def f():\n    LOOP\nwith torch.no_grad():\n    f()", True),
        ("def f():\n    for a in b:\n        with torch.no_grad():\n            f()", True),
        ("def quiet():\n    torch.no_grad()\ndef f():\n    with quiet():\n        LOOP", True),
        ("def f():\n    LOOP\n    with torch.no_grad():\n        g()", False),
        ("def f():\n    LOOP\nf()\nwith torch.no_grad():\n    g()", False),
        ("@torch.no_grad()\ndef g(): ...\ndef f():\n    LOOP\nf()", False),
        ("def f():\n    def g():\n        torch.no_grad()\n    LOOP", False),
    ],
)
def test_gradless_knows_decorators_and_contexts(text, expected):
    script = Script.parse(text.replace("LOOP", "for a in b: a()"))
    loop = next(script.nodes(ast.For))
    assert calls(script).gradless(loop) is expected


def test_a_large_script_is_walked_a_few_times_only(monkeypatch):
    """Two hundred loops that all call one another's functions: no walk for each pair of them."""
    from netwright.lint import calls as module

    walked = []
    real = module.inside
    monkeypatch.setattr(module, "inside", lambda scope: walked.append(scope) or real(scope))
    text = "".join(f"def f{i}():\n    for x in y:\n        f{(i + 1) % 200}()\n" for i in range(200))
    script = Script.parse(text)
    for loop in script.nodes(ast.For):
        assert len(calls(script).reached(loop)) == 201
    assert len(walked) == len(set(walked)) == 400
