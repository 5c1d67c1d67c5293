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
            "`1` (Linear) expects 100 features and gets 192: 2x192 from `0` (Flatten",
        ),
        (
            nn.Sequential(nn.Conv2d(3, 4, 9)),
            (3, 6, 6),
            "`0` (Conv2d) has a kernel of 9x9, larger than its padded input of 6x6",
        ),
        (
            nn.Sequential(nn.Conv2d(4, 4, 3)),
            (3, 6, 6),
            "`0` (Conv2d) expects 4 channels and gets 3 from the input",
        ),
        (
            nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(5)),
            (3, 6, 6),
            "`1` (BatchNorm2d) expects 5 channels and gets 4",
        ),
        (
            nn.Sequential(nn.Conv2d(3, 4, 3)),
            (6,),
            "`0` (Conv2d) needs 4 dimensions (batch x channels x size x size) and gets 2: 2x6",
        ),
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


@pytest.mark.parametrize(
    ("layers", "fixed"),
    [
        ("nn.Conv2d(3, 4, 3), nn.BatchNorm2d(5)", "nn.BatchNorm2d(4)"),
        ("nn.ConvTranspose2d(8, 4, 2, stride=2)", "nn.ConvTranspose2d(3, 4, 2, stride=2)"),
        (
            "nn.Flatten(), nn.Linear(in_features=100, out_features=5)",
            "nn.Linear(in_features=192, out_features=5)",
        ),
    ],
)
def test_layers_are_made_for_what_they_get(tmp_path, layers, fixed):
    file = tmp_path / "net.py"
    file.write_text(f"from torch import nn\n\n\ndef net():\n    return nn.Sequential({layers})\n")
    [finding] = check(f"{file}:net", (3, 8, 8), select=["NW101"])
    assert (finding.fix.kind, finding.fix.text) == ("unsafe", fixed)
    Session([f"{file}:net"], "3x8x8", select=["NW101"]).fix(unsafe=True, write=True)
    assert fixed in file.read_text()


def test_advice_that_is_not_a_layer_is_for_the_reader():
    finding = check(nn.Embedding(9, 4), (5,), select=["NW101"])[0]
    assert (finding.fix.kind, finding.fix.text) == ("manual", "an integer input: --input 5:int64")
    assert "expects integer indices and gets float32" in finding.message


def test_the_evidence_tells_where_the_wrong_shape_came_from():
    net = nn.Sequential(nn.Conv2d(3, 14, 3), nn.ReLU(), nn.Conv2d(12, 14, 3))
    evidence = check(net, (3, 8, 8), select=["NW101"])[0].evidence
    assert evidence["operation"] == "conv2d"
    assert evidence["shapes"][:2] == [[2, 14, 6, 6], [14, 12, 3, 3]]
    assert any("2x14x6x6 from" in line for line in evidence["history"])
