"""Training and evaluation loops, and what they reach."""

import ast

from netwright.lint import loops
from netwright.lint.script import Script

TRAIN = """
def fit(model, loader, optimizer):
    for epoch in range(3):
        for x, y in loader:
            optimizer.zero_grad()
            loss(model(x), y).backward()
            optimizer.step()
        scheduler.step()
"""
VALID = """
def score(model, loader):
    total = 0
    for x, y in loader:
        x = x.to("cpu")
        total += (model(x).argmax(1) == y).sum()
    return total
"""


def test_the_innermost_loop_with_backward_and_step_trains():
    found = loops.trainings(Script.parse(TRAIN))
    assert [training.loop.lineno for training in found] == [4]
    assert ast.unparse(found[0].optimiser) == "optimizer"


def test_a_loop_that_measures_without_backward_evaluates():
    script = Script.parse(TRAIN + VALID)
    assert [evaluation.loop.lineno for evaluation in loops.evaluations(script)] == [12]
    assert ast.unparse(loops.evaluations(script)[0].model) == "model"


def test_a_loop_that_only_predicts_or_whose_step_is_elsewhere_is_neither():
    text = "for x in loader:\n    out.append(model(x))\nfor x in loader:\n    optimizer.step()\n"
    script = Script.parse(text)
    assert loops.evaluations(script) == []
    assert loops.trainings(script) == []


def test_a_loop_inside_a_function_that_computes_gradients_is_no_evaluation():
    text = VALID.replace("return total", "total.backward()")
    assert loops.evaluations(Script.parse(text)) == []


def test_reach_goes_through_functions_and_methods_of_the_file_once():
    text = """
def a():
    b()
    deep()
def b():
    a()
class C:
    def m(self):
        a()
for i in x:
    c.m()
"""
    script = Script.parse(text)
    calls = [node for node in loops.reach(script, script.tree.body[-1]) if isinstance(node, ast.Call)]
    names = {ast.unparse(call.func) for call in calls}
    assert names == {"c.m", "a", "b", "deep"}


def test_surroundings_end_at_the_module_or_are_unknown():
    script = Script.parse(VALID + "\nscore(net, data)\n")
    loop = next(script.nodes(ast.For))
    assert [type(scope).__name__ for scope in loops.surroundings(script, loop)] == ["FunctionDef", "Module"]
    script = Script.parse(VALID)
    assert loops.surroundings(script, next(script.nodes(ast.For))) is None


def test_gradless_knows_decorators_and_contexts():
    script = Script.parse("@torch.inference_mode()\ndef f(): ...\ndef g(): ...\n")
    assert [loops.gradless(node) for node in script.tree.body] == [True, False]
