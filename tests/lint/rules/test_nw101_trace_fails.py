"""NW101: forward passes that fail."""

import pytest
import torch
from torch import nn

from netwright.lint.run import check
from netwright.lint.session import Session
from programs import findings, program


def said(net, shape):
    [finding] = check(net, shape, select=["NW101"])
    return finding.message


@pytest.mark.parametrize(
    ("net", "shape", "text"),
    [
        (
            nn.Sequential(nn.Flatten(), nn.Linear(100, 5)),
            (3, 8, 8),
            "1 expects 100 features and gets 192 from 0",
        ),
        (nn.Sequential(nn.Conv2d(3, 4, 9)), (3, 6, 6), "0 does not fit its input of 6x6: `kernel` (=9)"),
        (nn.Sequential(nn.Conv2d(4, 4, 3)), (3, 6, 6), "0 expects 4 channels and gets 3 from the input"),
        (
            nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(5)),
            (3, 6, 6),
            "1 normalises 5 channels and gets 4",
        ),
        (nn.Sequential(nn.Conv2d(3, 4, 3)), (6,), "0 takes 4 dimensions with batch and gets 2x6"),
    ],
)
def test_the_cause_is_said_with_both_sides(net, shape, text):
    assert text in said(net, shape)


def test_a_sum_of_two_sizes_names_both():
    class Net(nn.Module):
        def forward(self, x):
            return x + x[..., 1:]

    assert "2x3x8x8 and 2x3x8x7" in said(Net(), (3, 8, 8))


def test_the_fix_makes_it_run(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(program("NW101", "bad").read_text())
    [finding] = findings(program("NW101", "bad"), select=["NW101"])
    assert finding.fix.text == "nn.Conv2d(14, 14, 3)"
    outcome = Session([f"{file}:Net"], "12x16x16").fix(unsafe=True, write=True)
    assert outcome.findings == ()


def test_a_network_that_runs_says_nothing():
    assert check(nn.Conv2d(3, 4, 3), (3, 8, 8), select=["NW101"]) == []
    assert nn.Conv2d(3, 4, 3)(torch.zeros(1, 3, 8, 8)).shape == (1, 4, 6, 6)
