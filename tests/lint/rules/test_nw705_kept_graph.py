"""NW705: sums that keep graphs alive."""

import pytest
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


OPT = "import torch\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\n"


@pytest.mark.parametrize(
    ("backward", "added", "fixed"),
    [
        ("loss.backward()", "loss * len(x)", "loss.item() * len(x)"),
        ("loss.backward()", "x.size(0) * loss", "x.size(0) * loss.item()"),
        ("scaler.scale(loss).backward()", "loss", "loss.item()"),
        ("(loss / 4).backward()", "loss / 4", "loss.item() / 4"),
    ],
)
def test_a_weighted_loss_is_turned_into_a_number_alone(backward, added, fixed, tmp_path):
    text = OPT + HEAD + LOOP.replace("loss.backward()", backward) + f"    opt.step()\n    total += {added}\n"
    (tmp_path / "a.py").write_text(text + "print(total / 3)\n")
    reported = findings(tmp_path / "a.py", select=["NW705"])
    assert [one.fix.kind for one in reported] == ["safe"]
    assert f"total += {fixed}\n" in apply(text, reported).text


@pytest.mark.parametrize(
    ("use", "kind"),
    [
        ("print(f'{total / 3:.2f}')", "safe"),
        ("mean = total / 3\nprint(mean)", "safe"),
        ("writer.add_scalar('loss', total, 1)", "safe"),
        ("total.item()", "unsafe"),
        ("history.append(total)", "unsafe"),
        ("mean = total / 3\nmean.cpu()", "unsafe"),
        ("torch.sqrt(total)", "unsafe"),
    ],
)
def test_a_sum_that_is_used_as_a_tensor_gets_no_safe_fix(use, kind, tmp_path):
    text = OPT + HEAD + LOOP + "    opt.step()\n    total += loss\n" + use + "\n"
    (tmp_path / "a.py").write_text(text)
    assert [one.fix.kind for one in findings(tmp_path / "a.py", select=["NW705"])] == [kind]


def test_a_sum_that_is_returned_is_followed_to_the_callers(tmp_path):
    body = HEAD + LOOP + "    opt.step()\n    total += loss\nreturn total\n"
    function = "def run(loader):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    for use, kind in (("print(run(d))", "safe"), ("x = run(d)\nx.item()", "unsafe"), ("", "unsafe")):
        (tmp_path / "a.py").write_text(OPT + function + use + "\n")
        assert [one.fix.kind for one in findings(tmp_path / "a.py", select=["NW705"])] == [kind]
