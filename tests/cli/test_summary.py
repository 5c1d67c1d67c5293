"""`netwright summary`: the table, JSON, a failure explained, wrong use refused."""

import json
import sys

import pytest

from netwright.cli.main import main

pytestmark = pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")

EXAMPLE = """
import torch
from torch import nn


class WrongChannels(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(12, 14, 3), nn.Conv2d(12, 14, 3))

    def forward(self, x):
        return self.net(x)


class Words(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.table = nn.Embedding(10, width)
        self.loop = nn.ModuleList(nn.Linear(width, width) for _ in range(3))

    def forward(self, words, scale):
        x = self.table(words)
        for layer in self.loop:
            x = layer(x)
        return x * scale.unsqueeze(-1)
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    (tmp_path / "net.py").write_text(EXAMPLE)
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["netwright", "summary", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        shown = capsys.readouterr()
        return end.value.code, shown.out, shown.err

    return run


def test_a_registered_network_needs_no_input(run):
    code, out, err = run("resnet20")
    assert (code, err) == (0, "")
    assert "269,722" in out
    assert "40,551,040" in out


def test_a_failing_network_is_explained_at_the_users_lines(run):
    code, out, _ = run("net.py:WrongChannels", "--input", "12x16x16")
    assert code == 1
    assert "`net.1` (Conv2d) expects 12 channels and gets 14 from `net.0`" in out
    assert "built at net.py:9:56" in out
    assert "called at net.py:12:16" in out
    assert out.rstrip().endswith("fix: nn.Conv2d(14, 14, 3)")


def test_several_inputs_and_whole_numbers(run):
    code, out, _ = run(
        "net.py:Words(width=8)", "--input", "5:int64", "--input", "5", "--columns", "output,line"
    )
    assert code == 0
    assert "5x8" in out
    assert "net.py:19:35" in out


def test_json_holds_the_memory_asked_for(run):
    code, out, _ = run("resnet20", "--json", "--batch", "8", "--optimizer", "adamw")
    content = json.loads(out)
    assert code == 0
    assert content["batch"] == 8
    assert content["memory"]["optimizer"] == "adamw"
    assert content["memory"]["state"] > 2 * 4 * 269_722


def test_the_memory_of_a_step_is_a_line(run):
    assert "training     about" in run("resnet20", "--batch", "32", "--optimizer", "sgd")[1]


def test_the_tree_goes_as_deep_as_asked(run):
    shallow, deep = (run("resnet20", "--depth", depth)[1] for depth in ("0", "9"))
    assert len(shallow.splitlines()) < len(deep.splitlines())
    assert "evaluation mode" in run("resnet20", "--eval")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("net.py:Words",), "needs the shape of its input"),
        (("net.py:Words", "--input", "3y3"), "is not a shape"),
        (("net.py:Words", "--input", "3:int65"), "the dtype after the colon must be one of"),
        (("net.py:Nothing", "--input", "3"), "has no `Nothing`"),
        (("resnet20", "--columns", "flips"), "there is no column `flips`"),
        (("resnet20", "--optimizer", "lion"), "sgd, momentum, adam, adamw"),
        (("resnet20", "--batch", "0"), "positive number of examples"),
        (("resnet21",), "did you mean"),
    ],
)
def test_wrong_use_is_one_message_and_code_two(run, arguments, message):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in " ".join(err.split())
    assert "Traceback" not in err


def test_what_a_network_prints_stays_out_of_the_json(netwright, tmp_path):
    (tmp_path / "loud.py").write_text(
        "from torch import nn\n"
        "print('read')\n"
        "class Loud(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.layer = nn.Linear(3, 2)\n"
        "    def forward(self, x):\n"
        "        print('called')\n"
        "        return self.layer(x)\n"
    )
    spec = f"{tmp_path / 'loud.py'}:Loud"
    for command in (["summary", spec], ["diff", spec, spec], ["parameters", spec]):
        outcome = netwright(*command, "--input", "3", "--run", "--json")
        assert json.loads(outcome.stdout)
        assert "read" in outcome.stderr
        assert "called" in outcome.stderr
