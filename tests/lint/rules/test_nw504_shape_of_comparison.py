"""NW504: choices from one output, and shapes that broadcast."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from netwright.lint.run import check
from programs import findings, program, script

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\nnet = nn.Linear(4, 1)\n"


def test_the_claims_of_the_page_hold():
    column, row = torch.randn(6, 1), torch.randn(6)
    assert not column.argmax(1).any()
    assert (column == row).shape == (6, 6)
    constant = column.clone().requires_grad_()
    with pytest.warns(UserWarning, match="target size"):
        (gradient,) = torch.autograd.grad(F.mse_loss(constant, row), constant)
    assert torch.allclose(gradient, (column - row.mean()) * 2 / 6, atol=1e-6)
    with pytest.raises(ValueError, match="must be the same"):
        F.binary_cross_entropy_with_logits(column, row)


def test_messages_name_both_tensors():
    found = {finding.line: finding for finding in findings(program("NW504", "bad"), select=["NW504"])}
    assert found[23].message == "`out.argmax(1)` chooses among one output, so it is always 0."
    assert found[24].evidence == {"column": "out > 0.5", "row": "y"}
    assert "each meets every one of the other" in found[30].message


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("torch.max(net(x), 1)[1]", [5]),
        ("net(x).max(dim=-1).indices", [5]),
        ("_, p = torch.max(net(x), 1)", [5]),
        ("net(x).max(1)[0]", []),
        ("net(x).max()", []),
        ("net(x).argmax(0)", []),
        ("nn.Linear(4, 2)(x).argmax(1)", []),
    ],
)
def test_only_the_place_of_the_largest_of_one_output_is_reported(text, lines):
    assert script(f"{HEAD}{text}\n", "NW504") == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("F.l1_loss(net(x), torch.zeros(8))", [5]),
        ("F.l1_loss(net(x), torch.zeros(8, 1))", []),
        ("F.l1_loss(net(x), y)", []),
        ("f = lambda: g(y.unsqueeze(1))\nF.l1_loss(y, net(x))", [6]),
        ("h(net(x).squeeze(1), y)\ntorch.eq(net(x).round(), y)", [6]),
        ("nn.KLDivLoss()(net(x), torch.zeros(8))", []),
    ],
)
def test_both_shapes_must_be_certain(text, lines):
    assert script(f"{HEAD}{text}\n", "NW504") == lines


def test_a_choice_in_the_network_itself_is_seen_when_it_runs():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4, 1)

        def forward(self, x):
            return self.fc(x).argmax(dim=1) * self.fc.bias

    (finding,) = check(Net(), (4,), select=["NW504"])
    assert finding.message == "an argmax over dimension 1 of size 1 is always 0."


PIXEL = """import torch
from torch import nn
from torch.nn import functional as F
class Net(nn.Module):
    def __init__(self, out=1):
        super().__init__()
        self.conv = nn.Conv2d(3, out, 4)
    def forward(self, x):
        return self.conv(x).flatten(1)
def step(x):
    net = Net()
    ones = torch.ones(x.size(0))
    return F.mse_loss({output}, ones)
"""


@pytest.mark.parametrize(
    ("output", "shape", "lines"),
    [
        ("net(x)", (3, 4, 4), [13]),
        ("net(x).sigmoid()", (3, 4, 4), [13]),
        ("net(x).squeeze(1)", (3, 4, 4), []),
        ("net(x)", (3, 5, 5), []),
    ],
)
def test_the_width_of_a_network_that_only_a_run_tells_meets_a_flat_target(tmp_path, output, shape, lines):
    file = tmp_path / "pixel.py"
    file.write_text(PIXEL.format(output=output))
    assert [finding.line for finding in check(f"{file}:Net", shape, select=["NW504"])] == lines
    assert check(str(file), select=["NW504"]) == []
