"""NW704: means divided by the number of examples."""

import pytest
import torch
from torch.nn import functional as F

from programs import script

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
