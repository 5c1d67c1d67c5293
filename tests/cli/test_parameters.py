"""`netwright parameters`."""

import json
from pathlib import Path

import pytest

from netwright.cli.parameters import parameters
from netwright.errors import UsageError

TIED = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Linear(4, 3, bias=False), nn.Linear(4, 3)
        self.head.weight = self.embed.weight
        self.scale = nn.Parameter(self.head.bias.detach()[0], requires_grad=False)
        self.unused = nn.Linear(2, 2, bias=False)

    def forward(self, x):
        return self.head(x) + self.embed(x) * self.scale
"""


@pytest.fixture
def tied(tmp_path: Path) -> str:
    path = tmp_path / "tied.py"
    path.write_text(TIED)
    return f"{path}:Net"


def test_json_has_a_row_a_name(netwright):
    rows = {row["name"]: row for row in json.loads(netwright("parameters", "convnet", "--json").stdout)}
    assert rows["0.weight"]["shape"] == [16, 3, 3, 3]
    assert sum(len(row["shape"]) for row in rows.values()) == 4 * 2 + 2 * 2 + 4
    assert rows["0.weight"]["gradient"] is None
    assert abs(rows["0.weight"]["deviation"] - (1 / 27 / 3) ** 0.5) < 0.01


def test_the_table_shows_ties_frozen_parameters_and_each_parameter_once_in_the_total(netwright, tied: str):
    outcome = netwright("parameters", tied)
    lines = [line.split() for line in outcome.stdout.splitlines()]
    assert lines[0] == ["name", "shape", "mean", "deviation", "gradient", "tied", "with"]
    assert next(line for line in lines if line[:1] == ["embed.weight"])[-1] == "head.weight"
    scale = next(line for line in lines if line[:1] == ["scale"])
    assert (scale[1], scale[-1]) == ("scalar", "frozen")
    assert lines[-1] == ["20", "parameters"]


def test_an_input_measures_gradients_and_shows_what_gets_none(netwright, tied: str):
    lines = [line.split() for line in netwright("parameters", tied, "--input", "4").stdout.splitlines()]
    assert next(line for line in lines if line[:1] == ["unused.weight"])[-1] == "none"
    assert float(next(line for line in lines if line[:1] == ["head.bias"])[-1]) > 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["resnet20", "--input", "5"], "the network fails on an input of (2, 5): "),
        ([], "requires an argument"),
    ],
)
def test_wrong_use_is_one_message_and_exit_code_2(netwright, words: list[str], message: str):
    outcome = netwright("parameters", *words)
    assert outcome.returncode == 2
    assert message in " ".join(outcome.stderr.split())
    assert "Traceback" not in outcome.stderr
    assert outcome.stdout == ""


@pytest.mark.parametrize(
    ("spec", "input", "message"),
    [
        ("resnet21", "", "no model is called `resnet21`; did you mean"),
        ("convnet", "3x0", "`3x0` is not a shape"),
    ],
)
def test_what_cannot_be_listed_is_refused(spec: str, input: str, message: str):
    with pytest.raises(UsageError, match=message):
        parameters(spec, input=input)
