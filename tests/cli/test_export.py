"""`netwright export`: the line, JSON, and wrong use."""

import json

import pytest
import torch
from torch import nn

from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import data

SMALL = ["mlp(hidden=(4,))", "--input", "1x4x4"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_named_network_is_written_and_described_in_a_line(netwright):
    done = netwright("export", *SMALL, "--out", "net.pt2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("net.pt2: torch-export, ")
    assert "input batch x 1 x 4 x 4; the largest difference is " in done.stdout
    assert torch.export.load("net.pt2").module()(torch.zeros(3, 1, 4, 4)).shape == (3, 10)


def test_json_has_every_field(netwright):
    done = netwright("export", *SMALL, "--out", "net.safetensors", "--json")
    facts = json.loads(done.stdout)
    assert (facts["path"], facts["format"], facts["difference"]) == ("net.safetensors", "safetensors", None)
    assert set(facts) == {"path", "format", "input", "limits", "difference", "random", "real", "bytes"}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([*SMALL, "--net", "mlp", "--out", "a.pt2"], "here the network is given itself"),
        (["ressnet20", "--out", "a.pt2"], "no model is called `ressnet20`; did you mean"),
        (["net.py:Net", "--out", "a.pt2"], "needs the shape of its input"),
        (["resnet20", "--out", "a.bin"], "`format` (=.bin) must be one of"),
        (["resnet20", "--out", "gone/a.pt2"], "there is no folder `gone`"),
    ],
)
def test_wrong_use_is_one_line_and_code_2(netwright, words, reason):
    done = netwright("export", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_of_unknown_code_needs_trust_and_says_so(netwright, tmp_path, monkeypatch):
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\nclass Net(nn.Sequential):\n    def __init__(self):\n"
        "        super().__init__(nn.Flatten(), nn.Linear(64, 10))\n"
    )
    words = ["net.py:Net", "--data", "digits", "--limit", "40", "--epochs", "1", "--out", "run"]
    assert netwright("train", *words).returncode == 0
    monkeypatch.setenv("NETWRIGHT_TRUST", str(tmp_path / "another machine"))
    refused = netwright("export", "run", "--out", "net.safetensors")
    assert refused.returncode == 2
    assert "trust=True (--trust)" in refused.stderr
    trusted = netwright("export", "run", "--out", "net.safetensors", "--trust")
    assert trusted.returncode == 0, trusted.stderr


def test_the_run_of_a_module_is_written_with_the_network_that_is_named(netwright, tmp_path):
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\nclass Net(nn.Sequential):\n    def __init__(self):\n"
        "        super().__init__(nn.Flatten(), nn.Linear(64, 10))\n"
    )
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    train(net, data(), Recipe(steps=1, batch=16, augment=()), out="run")
    refused = netwright("export", "run", "--out", "net.pt2")
    assert (refused.returncode, "give the network by `net` (--net)" in refused.stderr) == (2, True)
    done = netwright("export", "run", "--net", "net.py:Net", "--out", "net.pt2")
    assert done.returncode == 0, done.stderr
    assert "input batch x 1 x 8 x 8; " in done.stdout
    assert "size: the network does not read 1x9x10: RuntimeError: mat1 and mat2 shapes" in done.stdout
