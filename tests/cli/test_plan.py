import json

import pytest

from command import netwright
from netwright.cli.plan import show
from netwright.design.planning import Plan
from netwright.training.recipe import Recipe
from netwright.training.rehearsal import Rehearsal

MLP = ["plan", "mlp(hidden=(16,))", "--data", "digits", "--limit", "200"]


def made(**changes):
    reasons = {"patch": "as given", "batch": "as given", "memory": "as given", "peak": "recorded"}
    facts = {
        "patch": (64, 128),
        "batch": 4,
        "steps": 10,
        "budget": 8 * 2**30,
        "peak": 3 * 2**20,
        "parts": {"data": 0, "weights": 3 * 2**20},
        "mode": "fake",
        "reasons": reasons,
        "warnings": (),
    }
    return Plan(**(facts | changes))


def test_each_choice_stands_with_its_reason(capsys):
    settled = Recipe(precision="bf16-mixed")
    show(Rehearsal(made(warnings=("too small",)), 150, 0.5, settled, "fastest here: bf16"), json=False)
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert [name for name, _ in lines] == [
        "patch", "batch", "budget", "peak", "3.00", "steps", "time", "fastest", "warning"
    ]  # fmt: skip
    text = dict(lines)
    assert text["patch"].split() == ["64x128", "as", "given"]
    assert text["time"].startswith("500 ms a step")
    assert "5 s an epoch" in text["time"]
    assert text["fastest"].split(maxsplit=1) == ["bf16-mixed", "fastest here: bf16"]
    assert text["warning"] == "too small"


def test_whole_inputs_and_unmeasured_times_are_said(capsys):
    show(Rehearsal(made(patch=None), 150, None, Recipe(), untimed="not asked for"), json=False)
    out = capsys.readouterr().out
    assert "patch    whole " in out
    assert "time     not measured           not asked for" in out


def test_a_network_is_planned_from_the_command_line():
    result = netwright(*MLP, "--memory", "1GiB", "--no-time")
    assert result.returncode == 0, result.stderr
    assert "mlp" not in result.stderr
    assert "1.00 GiB" in result.stdout
    assert "classification takes whole inputs" in result.stdout


def test_json_has_the_plan_and_the_time():
    result = netwright(
        *MLP, "--memory", "1GiB", "--batch", "16", "--optimizer", "adamw", "--lr", "0.01", "--json"
    )
    document = json.loads(result.stdout)
    assert document["batch"] == 16
    assert document["reasons"]["batch"] == "as given"
    assert document["step_seconds"] > 0
    assert document["parts"]["optimizer"] > 1.9 * document["parts"]["weights"]


def test_a_plan_over_its_budget_fails():
    result = netwright(*MLP, "--memory", "10KB", "--batch", "64", "--no-time")
    assert result.returncode == 1
    assert "above the budget" in result.stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--memory", "8 gigs"], "`8 gigs` is not an amount of memory; write it as 8GiB, 8GB or 512MiB."),
        (["--memory", "1KB"], "and the budget is 1000 B; take more memory"),
        (["--patch", "4x4"], "classification takes whole inputs; leave it out."),
        (["--patch", "4by4"], "`4by4` is not a shape"),
    ],
)
def test_wrong_use_is_one_line(words, reason):
    result = netwright(*MLP, "--no-time", *words)
    assert result.returncode == 2
    assert reason in result.stderr.replace("\n", " ")
    assert result.stdout == ""


def test_a_dry_run_prints_the_plan_of_the_training_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = netwright("train", *MLP[1:], "--dry-run", "--json")
    document = json.loads(result.stdout)
    assert (document["patch"], document["batch"]) == (None, 64)
    assert document["step_seconds"] > 0
    assert list(tmp_path.iterdir()) == []
