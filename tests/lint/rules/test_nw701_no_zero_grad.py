"""NW701: gradients that are never cleared."""

import torch

from netwright.lint.session import Session
from programs import script

LOOP = "for x, y in loader:\n    loss(net(x), y).backward()\n    optimizer.step()\n"


def test_gradients_really_add_up():
    w = torch.ones(1, requires_grad=True)
    for _ in range(3):
        (2 * w).backward()
    assert w.grad.item() == 6


def test_the_fix_clears_before_the_backward_pass(tmp_path):
    file = tmp_path / "a.py"
    file.write_text(LOOP)
    Session([str(file)], select=["NW701"]).fix(unsafe=False, write=True)
    assert file.read_text() == LOOP.replace("    loss(", "    optimizer.zero_grad()\n    loss(")


def test_a_closure_clears_by_itself():
    assert script(LOOP.replace("step()", "step(closure)"), "NW701") == []


def test_clearing_in_the_calling_function_counts():
    text = "def one(o):\n    for x in y:\n        l(x).backward()\n        optimizer.step()\n"
    assert script(text + "for e in es:\n    optimizer.zero_grad()\n    one(optimizer)\n", "NW701") == []
    assert script(text + "for e in es:\n    one(optimizer)\n", "NW701") == [4]


def test_a_scheduler_s_step_is_not_an_optimizer_s():
    assert script(LOOP.replace("optimizer", "scheduler"), "NW701") == []
