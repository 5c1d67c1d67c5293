"""NW704: means divided by the number of examples."""

import pytest
import torch
from torch.nn import functional as F

from netwright.lint.fix import apply
from programs import findings, program, script

HEAD = "import torch\nfrom torch.nn import functional as F\n"
LOOP = "total, n = 0, 0\nfor x, y in loader:\n    total += {loss}\n    n += {count}\nprint({shown})\n"


def judged(loss="F.cross_entropy(net(x), y).item()", count="len(x)", shown="total / n"):
    return script(HEAD + LOOP.format(loss=loss, count=count, shown=shown), "NW704")


def test_the_result_really_is_too_small_by_the_batch_size():
    torch.manual_seed(0)
    z, y = torch.randn(64, 10), torch.randint(0, 10, (64,))
    batches = [(z[i : i + 16], y[i : i + 16]) for i in range(0, 64, 16)]
    wrong = sum(F.cross_entropy(*batch).item() for batch in batches) / 64
    assert wrong * 16 == pytest.approx(F.cross_entropy(z, y).item(), rel=1e-5)


@pytest.mark.parametrize("count", ["len(x)", "x.shape[0]", "x.size(0)", "y.shape[0]"])
def test_every_way_to_count_examples_is_seen(count):
    assert judged(count=count) == [7]


@pytest.mark.parametrize(
    "change",
    [
        {"loss": "F.cross_entropy(net(x), y).item() * len(x)"},
        {"loss": "F.cross_entropy(net(x), y, reduction='sum').item()"},
        {"loss": "criterion(net(x), y).item()"},
        {"loss": "(net(x).argmax(1) == y).sum().item()"},
        {"count": "1"},
        {"shown": "total / len(loader)"},
    ],
)
def test_what_is_right_or_not_certain_says_nothing(change):
    assert judged(**change) == []


def test_the_fix_gives_the_mean_over_all_examples():
    """The network of the program, run before and after on batches of one size."""
    bad = program("NW704", "bad")
    text = apply(bad.read_text(), findings(bad, select=["NW704"])).text
    assert "total += loss_fn(net(x), y).item() * x.size(0)\n" in text
    assert "total /= len(loader)  # NW704" in text
    torch.manual_seed(0)
    loader = [(torch.randn(16, 4), torch.randint(0, 2, (16,))) for _ in range(3)]
    lines: dict = {}
    exec(compile(text.partition("print(")[0], str(bad), "exec"), lines)  # our own program
    x, y = (torch.cat(part) for part in zip(*loader, strict=True))
    whole = F.cross_entropy(lines["net"](x), y).item()
    assert lines["validate"](loader, torch.nn.CrossEntropyLoss()) == pytest.approx(whole, rel=1e-5)
    assert lines["over_set"](loader) == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"shown": "total / n, total / n"},
        {"shown": "total / len(other.dataset)"},
    ],
    ids=["divided twice", "another set"],
)
def test_what_is_also_used_otherwise_keeps_the_advice(tmp_path, change):
    file = tmp_path / "a.py"
    parts = {"loss": "F.cross_entropy(net(x), y).item()", "count": "len(x)", "shown": "total / n"}
    file.write_text(HEAD + LOOP.format(**(parts | change)))
    reported = findings(file, select=["NW704"])
    assert reported
    assert {finding.fix.kind for finding in reported} == {"manual"}


def test_one_sum_is_one_finding():
    assert judged(shown="total / n, total / n") == [7]


@pytest.mark.parametrize(
    ("made", "lines"),
    [
        ("loader = torch.utils.data.DataLoader(d, batch_size=1)\n", []),
        ("loader = torch.utils.data.DataLoader(d)\n", []),
        ("ONE = 1\nloader = torch.utils.data.DataLoader(d, ONE)\n", []),
        ("loader = torch.utils.data.DataLoader(d, batch_size=8)\n", [8]),
        ("size = 1\nloader = make(batch_size=size)\n", []),
        ("loader = make(batch_size=8)\n", [8]),
    ],
)
def test_the_mean_over_one_example_is_its_loss(made, lines):
    loop = LOOP.format(loss="F.cross_entropy(net(x), y).item()", count="len(x)", shown="total / n")
    assert [line - made.count("\n") + 1 for line in script(HEAD + made + loop, "NW704")] == lines


@pytest.mark.parametrize(
    ("before", "loss"),
    [
        ("c = torch.nn.MSELoss().cuda()\n", "c(net(x).view(-1), y).item()"),
        ("c = torch.nn.MSELoss()\nc = c.to(d)\n", "c(net(x), y).item()"),
        ("", "(F.cross_entropy(net(x), y) + penalty(net)).item()"),
        ("def step(x, y):\n    loss = F.mse_loss(net(x), y)\n    return loss.item()\n", "step(x, y)"),
    ],
)
def test_a_mean_is_known_through_moves_sums_and_functions(before, loss):
    loop = LOOP.format(loss=loss, count="len(x)", shown="total / n")
    assert script(HEAD + before + loop, "NW704") == [7 + before.count("\n")]


@pytest.mark.parametrize(
    ("before", "loss"),
    [
        ("def step(x, y):\n    return F.mse_loss(net(x), y).item() * len(x)\n", "step(x, y)"),
        ("def step(x, y):\n    if x: return 0\n    return F.mse_loss(net(x), y)\n", "step(x, y)"),
        ("", "(F.mse_loss(net(x), y, reduction='sum') + penalty(net)).item()"),
    ],
)
def test_what_is_no_mean_through_functions_says_nothing(before, loss):
    loop = LOOP.format(loss=loss, count="len(x)", shown="total / n")
    assert script(HEAD + before + loop, "NW704") == []
