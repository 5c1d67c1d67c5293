"""NW501: outputs that are not what the loss expects."""

import math

import pytest
import torch
from torch.nn import functional as F

from netwright.lint.fix import apply
from programs import findings, program, script

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"


def test_the_page_s_floor_of_the_doubled_softmax_is_right():
    certain = F.one_hot(torch.tensor([0]), 10).float()
    floor = F.cross_entropy(certain, torch.tensor([0])).item()
    assert floor == pytest.approx(math.log(1 + 9 / math.e), abs=1e-6)


def test_fixes_return_the_logits_or_change_the_loss():
    fixes = [finding.fix for finding in findings(program("NW501", "bad"), select=["NW501"])]
    texts = ["self.fc(x)", "nn.CrossEntropyLoss, which takes logits", "x", "logits(x)"]
    assert [fix.text for fix in fixes] == texts
    assert {fix.kind for fix in fixes} == {"unsafe"}


def test_the_fixed_program_is_silent(tmp_path):
    bad, fixed = program("NW501", "bad"), tmp_path / "fixed.py"
    fixed.write_text(apply(bad.read_text(), findings(bad, select=["NW501"])).text)
    assert findings(fixed, select=["NW501"]) == []


def test_a_layer_that_ends_a_container_is_left_to_the_writer():
    body = "    def __init__(self):\n        self.seq = nn.Sequential(nn.Linear(2, 2), nn.Softmax(1))\n"
    text = HEAD + f"class Net(nn.Module):\n{body}    def forward(self, x):\n        return self.seq(x)\n"
    assert script(text + "F.cross_entropy(Net()(x), y)\n", "NW501") == [8]


def test_log_probabilities_into_cross_entropy_are_right():
    """log_softmax of log-probabilities changes nothing."""
    assert script(HEAD + "F.cross_entropy(F.log_softmax(z, 1), y)\n", "NW501") == []
    z = torch.randn(4, 3).log_softmax(1)
    assert torch.allclose(z, z.log_softmax(1), atol=1e-6)
