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
    reported = loops.trainings(Script.parse(TRAIN))
    assert [training.loop.lineno for training in reported] == [4]
    assert ast.unparse(reported[0].optimizer) == "optimizer"


def test_a_loop_that_measures_without_backward_evaluates():
    script = Script.parse(TRAIN + VALID)
    assert [evaluation.loop.lineno for evaluation in loops.evaluations(script)] == [12]
    assert ast.unparse(loops.evaluations(script)[0].model) == "model"


def test_a_loop_that_only_predicts_or_whose_step_is_elsewhere_is_neither():
    text = "for x in loader:\n    out.append(model(x))\nfor x in loader:\n    optimizer.step()\n"
    script = Script.parse(text)
    assert loops.evaluations(script) == []
    assert loops.trainings(script) == []


def test_a_loop_inside_a_function_that_computes_gradients_is_not_an_evaluation():
    text = VALID.replace("return total", "total.backward()")
    assert loops.evaluations(Script.parse(text)) == []
