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


def trained(text):
    """The lines of the loop, the backward pass and the step of each training."""
    reported = loops.trainings(Script.parse(text))
    return [(one.loop.lineno, one.backward.lineno, one.step.lineno) for one in reported]


def test_a_step_in_a_function_belongs_to_the_loops_that_call_it():
    step = "def step(optimizer):\n    loss.backward()\n    optimizer.step()\n"
    assert trained(step + "for x in a:\n    step(optimizer)\nwhile True:\n    step(optimizer)\n") == [
        (4, 2, 3),
        (6, 2, 3),
    ]
    assert trained(step + "step(optimizer)\n") == []


def test_a_closure_of_the_file_is_a_training_and_an_unknown_one_is_not():
    text = "for x in a:\n    def closure():\n        loss.backward()\n    optimizer.step(closure)\n"
    assert trained(text) == [(1, 3, 4)]
    assert trained("for x in a:\n    loss.backward()\n    optimizer.step(closure)\n") == []


def test_of_two_optimizers_each_has_its_own_backward_pass():
    one = "    a.backward()\n    b.backward()\n    optimizer_d.step()\n"
    two = "    c.backward()\n    optimizer_g.step()\n"
    assert trained("for x in y:\n" + one + two) == [(1, 2, 4), (1, 5, 6)]


def test_a_validation_beside_its_training_is_an_evaluation():
    text = TRAIN + "        for x, y in valid:\n            right += (model(x).argmax(1) == y).sum()\n"
    assert [one.loop.lineno for one in loops.evaluations(Script.parse(text))] == [9]
    inner = TRAIN.replace(
        "            optimizer.step()\n", "            optimizer.step()\n            if z:\n"
    )
    inner = inner.replace(
        "            if z:\n", "            for a in b:\n                n += (model(a) == 1).sum()\n"
    )
    assert loops.evaluations(Script.parse(inner)) == []
