"""NW705: sums that keep graphs alive."""

import torch
from torch import nn

from netwright.lint.fix import apply
from programs import findings, program, script

HEAD = "from torch.nn import functional as F\ntotal = 0\n"
LOOP = "for x, y in loader:\n    opt.zero_grad()\n    loss = F.mse_loss(net(x), y)\n    loss.backward()\n"


def test_the_sum_really_holds_a_graph():
    total = 0.0
    total += nn.Linear(2, 1)(torch.ones(1, 2)).sum()
    assert total.grad_fn is not None


def test_the_fix_adds_numbers():
    bad = program("NW705", "bad")
    text = apply(bad.read_text(), findings(bad, select=["NW705"])).text
    assert "total += loss.item()" in text
    assert "total += F.cross_entropy(net(x), y).item()" in text


def test_a_sum_that_is_differentiated_later_is_right():
    text = HEAD + LOOP + "    opt.step()\n    total += loss\n"
    assert script(text, "NW705") == [8]
    assert script(text + "total.backward()\n", "NW705") == []
    assert script(text + "objective = total + penalty\n", "NW705") == []


def test_a_loss_function_that_sums_terms_is_not_judged():
    text = "def objective(net, pairs):\n    total = 0\n    for x, y in pairs:\n"
    body = "        loss = F.mse_loss(net(x), y)\n        total += loss\n    return total\n"
    assert script(HEAD + text + body, "NW705") == []
