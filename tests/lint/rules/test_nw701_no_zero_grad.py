"""NW701: gradients that are never cleared."""

import pytest
import torch

from netwright.lint.run import check
from netwright.lint.session import Session
from programs import script

MADE = "import torch\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n"
LOOP = "for x, y in loader:\n    loss(net(x), y).backward()\n    optimizer.step()\n"


def test_gradients_really_add_up():
    w = torch.ones(1, requires_grad=True)
    for _ in range(3):
        (2 * w).backward()
    assert w.grad.item() == 6


def test_the_fix_clears_before_the_backward_pass(tmp_path):
    file = tmp_path / "a.py"
    file.write_text(MADE + LOOP)
    Session([str(file)], select=["NW701"]).fix(unsafe=False, write=True)
    assert file.read_text() == MADE + LOOP.replace("    loss(", "    optimizer.zero_grad()\n    loss(")


def test_a_closure_clears_by_itself():
    assert script(LOOP.replace("step()", "step(closure)"), "NW701") == []


def test_clearing_in_the_calling_function_counts():
    text = "def one(o):\n    for x in y:\n        l(x).backward()\n        optimizer.step()\n"
    assert script(text + "for e in es:\n    optimizer.zero_grad()\n    one(optimizer)\n", "NW701") == []
    assert script(text + "for e in es:\n    one(optimizer)\n", "NW701") == [4]


def kind(text, tmp_path):
    """The kinds of the fixes that a script gets."""
    (tmp_path / "a.py").write_text(text)
    return [one.fix.kind for one in check(str(tmp_path / "a.py"), select=["NW701"])]


def test_an_optimizer_of_unknown_make_may_clear_by_itself(tmp_path):
    assert kind(LOOP, tmp_path) == ["unsafe"]
    assert kind(MADE + LOOP, tmp_path) == ["safe"]
    assert kind("from mine import Clearing\noptimizer = Clearing()\n" + LOOP, tmp_path) in ([], ["unsafe"])


@pytest.mark.parametrize(
    "loop",
    [
        LOOP.replace("    optimizer", "    if n % 4 == 0:\n        optimizer"),
        "for x, y in loader:\n    for a in x:\n        loss(net(a), y).backward()\n    optimizer.step()\n",
    ],
    ids=["step under a condition", "several backward passes"],
)
def test_an_accumulation_that_is_never_cleared_is_left_to_the_writer(loop, tmp_path):
    """To clear before the backward pass would undo the accumulation."""
    assert kind(MADE + loop, tmp_path) == ["manual"]


def test_several_losses_are_all_differentiated_after_the_clearing(tmp_path):
    file = tmp_path / "a.py"
    text = MADE + LOOP.replace("    opt", "    penalty(net).backward()\n    opt")
    file.write_text(text)
    Session([str(file)], select=["NW701"]).fix(unsafe=False, write=True)
    assert file.read_text() == text.replace("    loss(", "    optimizer.zero_grad()\n    loss(")


GAN = """import torch
one, other = torch.optim.Adam(d.parameters()), torch.optim.Adam(g.parameters())
for x, y in loader:
    one.zero_grad()
    loss(d(x), y).backward()
    one.step()
    other.zero_grad()
    loss(d(g(y)), x).backward()
    other.step()
"""


def test_the_clearing_of_another_optimizer_clears_nothing_here(tmp_path):
    assert script(GAN, "NW701") == []
    missing = GAN.replace("    other.zero_grad()\n", "")
    assert script(missing, "NW701") == [8]
    assert script(missing.replace("one.zero_grad()", "g.zero_grad()"), "NW701") == []
    (tmp_path / "a.py").write_text(missing)
    Session([str(tmp_path / "a.py")], select=["NW701"]).fix(unsafe=False, write=True)
    assert (tmp_path / "a.py").read_text() == GAN


def test_a_step_in_a_function_that_a_loop_calls_is_a_training():
    text = MADE + "def train_step(x, y):\n    loss(net(x), y).backward()\n    optimizer.step()\n"
    assert script(text + "for x, y in loader:\n    train_step(x, y)\n", "NW701") == [5]
    assert script(text + "train_step(x, y)\n", "NW701") == []
    assert script(text + "for x, y in loader:\n    net.zero_grad()\n    train_step(x, y)\n", "NW701") == []


def test_a_closure_of_the_file_is_read():
    body = "    def closure():\n        {}\n        loss(net(x), y).backward()\n    optimizer.step(closure)\n"
    text = MADE + "for x, y in loader:\n" + body
    assert script(text.format("pass"), "NW701") == [7]
    assert script(text.format("optimizer.zero_grad()"), "NW701") == []


def test_a_scaler_takes_the_optimizer_and_clears_nothing():
    lines = "    scaler.scale(loss(net(x), y)).backward()\n    scaler.unscale_(optimizer)\n"
    text = MADE + "for x, y in loader:\n" + lines + "    scaler.step(optimizer)\n"
    assert script(text, "NW701") == [6]
    assert script(text.replace("scaler.unscale_", "mine"), "NW701") == []


def test_a_scheduler_s_step_is_not_an_optimizer_s():
    assert script(LOOP.replace("optimizer", "scheduler"), "NW701") == []


def test_an_optimizer_of_tensors_that_each_round_makes_has_nothing_to_clear():
    text = "import torch\nfor t in steps:\n    x = t.clone()\n    opt = torch.optim.SGD([x])\n"
    text += "    loss(x).backward()\n    opt.step()\n"
    assert script(text, "NW701") == []
    assert script(text.replace("[x]", "net.parameters()"), "NW701") == [6]
