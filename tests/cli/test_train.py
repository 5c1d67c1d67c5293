"""`netwright train`, as a stranger would run it."""

import json

import pytest

from netwright.cli.recipe import chosen
from netwright.training.recipe import Recipe
from tiny import SPEC


def test_a_run_shows_progress_on_stderr_and_its_result_on_stdout_and_resumes(netwright, tmp_path):
    words = ("train", SPEC, "--data", "digits", "--limit", "200", "--epochs", "2", "--lr", "0.05")
    words += (
        "--batch",
        "32",
        "--augment",
        "crop(padding=2)",
        "--augment",
        "flip",
        "--out",
        str(tmp_path / "r"),
    )
    done = netwright(*words, "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["final"]["epoch"] == 2
    assert done.stderr.count("epoch ") == 2
    stored = json.loads((tmp_path / "r" / "run.json").read_text())["recipe"]
    assert (stored["lr"], stored["batch"]) == (0.05, 32)
    assert stored["augment"] == ["crop(padding=2)", "flip"]
    again = netwright(*words, "--resume", "--json")
    assert json.loads(again.stdout) == shown
    refused = netwright(*words)
    wrong(refused, "finished run")


def test_a_network_of_a_script_is_trained_without_the_script_unless_it_is_asked_for(netwright, tmp_path):
    (tmp_path / "script.py").write_text(
        "from torch import nn\nnet = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))\nprint('everything')\n"
    )
    words = ("train", f"{tmp_path}/script.py:net", "--data", "digits", "--limit", "100", "--epochs", "1")
    part = netwright(*words, "--out", str(tmp_path / "part"))
    whole = netwright(*words, "--out", str(tmp_path / "whole"), "--run")
    assert (part.returncode, whole.returncode) == (0, 0), part.stderr + whole.stderr
    assert "left out line 3 of script.py; --run executes the whole file" in part.stderr
    assert "everything" not in part.stdout + part.stderr
    assert "everything" in whole.stdout + whole.stderr


def wrong(outcome, said):
    """Nothing but one message, below what was understood of the data where that was read."""
    lines = [line for line in outcome.stderr.strip().splitlines() if not line.startswith("digits: ")]
    assert outcome.returncode == 2
    assert outcome.stdout == ""
    assert said in outcome.stderr
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--epochs", "3", "--steps", "2"), "give one of them"),
        (("--lr", "-1"), "`lr` (=-1.0)"),
        (("--dry-run", "--resume"), "`--dry-run` prints the plan of a new training"),
        (("--lrr", "1"), "--lrr"),
        (("--recipe", "nope"), "there are standard, he2015, course"),
        (("--recipe", "missing.toml"), "missing.toml"),
        (("--optimizer", "lion"), "lion"),
    ],
)
def test_a_wrong_flag_is_one_message_and_exit_code_2(netwright, tmp_path, words, said):
    wrong(netwright("train", SPEC, "--data", "digits", "--out", str(tmp_path / "run"), *words), said)
    assert not (tmp_path / "run").exists()


def test_without_out_the_folder_is_numbered_and_resume_names_the_newest(netwright, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("train", "mlp", "--data", "digits", "--limit", "100", "--steps", "2")
    done = netwright(*words)
    assert done.returncode == 0, done.stderr
    assert "run folder: runs/mlp-digits-1\n" in done.stderr
    assert "mlp on digits: " in done.stdout
    assert "runs/mlp-digits-1" in done.stdout
    wrong(netwright(*words, "--resume"), "the newest one is `runs/mlp-digits-1`")


def test_an_unknown_listener_is_one_message(netwright, tmp_path):
    words = ("train", "mlp", "--data", "digits", "--limit", "100", "--out", str(tmp_path / "r"))
    wrong(netwright(*words, "--log", "wandb"), "there are mlflow, trackio")


def test_a_folder_of_something_else_is_refused(netwright, tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    wrong(netwright("train", SPEC, "--data", "digits", "--out", str(tmp_path)), "does not contain a run")


def test_a_divergence_is_exit_code_1(netwright, tmp_path):
    words = ("--lr", "1e30", "--schedule", "constant", "--limit", "200", "--out", str(tmp_path / "run"))
    outcome = netwright("train", SPEC, "--data", "digits", *words)
    assert outcome.returncode == 1
    assert "the train loss is nan at step" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_every_field_of_a_recipe_is_a_flag(netwright):
    shown = netwright("train", "--help").stdout
    for name in Recipe.model_fields:
        assert f"--{name.replace('_', '-')}" in shown


def test_flags_change_the_recipe_that_is_named(tmp_path):
    file = tmp_path / "r.toml"
    file.write_text('preset = "he2015"\nlr = 0.2')
    assert chosen(str(file), {"epochs": 2}) == Recipe.preset("he2015", lr=0.2, epochs=2)
    assert chosen("course", {"augment": ("auto",)}) == Recipe.preset("course", augment="auto")
    assert chosen("standard", {"batch": "32"}).batch == 32
