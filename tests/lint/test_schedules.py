"""Schedules of learning rates: where they step and how long they are."""

import ast

import pytest
import torch

from netwright.lint import schedules
from netwright.lint.script import Script

HEAD = "from torch.optim import lr_scheduler as ls\n"


def made(text):
    script = Script.parse(HEAD + text)
    return script, script.tree.body[-1].value


def test_steps_of_names_and_attributes_are_found_with_the_call_that_makes_the_schedule():
    text = """
a = ls.StepLR(o, 3)
class T:
    def __init__(self):
        self.s = ls.ExponentialLR(o, 0.9)
    def f(self, b):
        self.s.step()
        a.step()
        a.step(3)
        b.step()
        self.o.step()
"""
    script = Script.parse(HEAD + text)
    steps = schedules.schedule_steps(script)
    assert [(step.call.lineno, schedules.name_of(script, step.made)) for step in steps] == [
        (8, "ExponentialLR"),
        (9, "StepLR"),
    ]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("ls.CosineAnnealingLR(o, n)", "n"),
        ("ls.CosineAnnealingWarmRestarts(o, T_0=5)", "5"),
        ("ls.PolynomialLR(o, total_iters=k)", "k"),
        ("ls.MultiStepLR(o, [3, 6])", "6"),
        ("ls.MultiStepLR(o, stones)", None),
        ("ls.StepLR(o, 3)", None),
    ],
)
def test_the_length_of_a_schedule(text, length):
    span = schedules.span(*made(text))
    assert (ast.unparse(span) if span is not None else None) == length


@pytest.mark.parametrize(("size", "gamma"), [(30, 0.1), (1, 0.99), (250, 0.5)])
def test_what_a_decay_leaves_is_what_torch_leaves(size, gamma):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, size, gamma)
    optimizer.step()
    for _ in range(schedules.BATCHES):
        schedule.step()
    left = schedules.rate_left(*made(f"ls.StepLR(o, {size}, {gamma})"))
    assert left == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-12)


@pytest.mark.parametrize("text", ["ls.StepLR(o, n)", "ls.ExponentialLR(o, g)", "ls.OneCycleLR(o, 0.1, 9)"])
def test_a_decay_that_is_not_known_has_no_share(text):
    assert schedules.rate_left(*made(text)) is None


@pytest.mark.parametrize(
    ("loop", "bounds"),
    [
        ("range(n)", ["n"]),
        ("range(1, n + 1)", ["n + 1", "n"]),
        ("tqdm(range(first, n))", ["n"]),
        ("trange(n)", ["n"]),
        ("enumerate(loader)", []),
    ],
)
def test_the_rounds_of_a_loop(loop, bounds):
    node = ast.parse(f"for e in {loop}: pass").body[0]
    assert [ast.unparse(bound) for bound in schedules.rounds(node)] == bounds
    assert schedules.over_data(node) == (not bounds)
