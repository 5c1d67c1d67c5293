"""The order of the calls of a training step, and what is certain to run."""

import ast

from netwright.lint import order
from netwright.lint.script import Script

SCRIPT = Script.parse(
    """
def update(optimizer):
    optimizer.step()

class Trainer:
    def update(self):
        self.optimizer.step()

def train(optimizer, scaler, loader):
    for x in loader:
        optimizer.zero_grad()
        scaler.scale(loss(net(x))).backward()
        if ready:
            scaler.step(optimizer)
        else:
            update(optimizer)
        try:
            note()
        finally:
            scheduler.step()
"""
)
LOOP = next(SCRIPT.nodes(ast.For))


def call(text):
    return next(node for node in SCRIPT.nodes(ast.Call) if ast.unparse(node) == text)


def test_events_come_in_the_order_of_the_text_and_calls_of_functions_are_unknown():
    kinds = [event.kind for event in order.events(SCRIPT, LOOP)]
    assert kinds == ["clear", "backward", "step", None]


def test_branches_are_the_conditions_of_a_call():
    assert [name for _, name in order.branches(SCRIPT, call("scaler.step(optimizer)"), LOOP)] == ["body"]
    assert [name for _, name in order.branches(SCRIPT, call("update(optimizer)"), LOOP)] == ["orelse"]
    for certain in ("optimizer.zero_grad()", "note()", "scheduler.step()"):
        assert order.branches(SCRIPT, call(certain), LOOP) == set()


def test_regions_are_loops_and_then_the_function():
    regions = list(order.regions(SCRIPT, call("note()")))
    assert [type(region).__name__ for region in regions] == ["For", "FunctionDef"]


def test_a_function_of_the_file_steps_and_a_method_of_something_else_may_not():
    assert order.steps_within(SCRIPT, call("update(optimizer)"))
    assert not order.steps_within(SCRIPT, call("note()"))
    script = Script.parse(f"{SCRIPT.text}\nnet.update()\n")
    assert not order.steps_within(script, next(c for c in script.nodes(ast.Call) if c.lineno == 22))
