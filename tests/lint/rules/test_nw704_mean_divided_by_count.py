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
