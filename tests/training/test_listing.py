"""Runs as rows, read without torch."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from netwright.errors import RunError
from netwright.training.listing import Row, folders, ordered
from netwright.training.result import Run


@pytest.fixture(scope="module")
def row(finished):
    return Row.read(finished.folder, "a")


def test_a_row_says_what_the_run_says(finished, row):
    assert (row.spec, row.data, row.task) == (finished.spec, "squares", "classification")
    assert (row.state, row.params, row.done) == ("finished", finished.params, 2)
    assert (row.epoch, row.seconds) == (finished.best["epoch"], pytest.approx(finished.seconds))
    assert (row.valid, row.test) == (finished.best["valid"], finished.best["test"])
    assert row.scale == finished.measures["error"]
    assert row.recipe["lr"] == finished.recipe.lr
    assert row.recipe["batch"] == 16


def test_the_best_epoch_is_that_of_the_run(tmp_path, finished):
    """Of equal errors the lower loss decides; nan is never the best."""
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    first, second = lines
    first["valid"]["error"], second["valid"]["error"] = float("nan"), 0.9
    third = json.loads(json.dumps(second)) | {"epoch": 3}
    third["valid"]["loss"] = second["valid"]["loss"] / 2
    (folder / "metrics.jsonl").write_text("".join(json.dumps(each) + "\n" for each in (first, second, third)))
    assert Row.read(folder, "x").epoch == Run.read(folder).best["epoch"] == 3


def test_a_run_before_its_first_epoch_is_listed(tmp_path, finished):
    shutil.copy(finished.folder / "run.json", tmp_path)
    row = Row.read(tmp_path, "x")
    assert (row.done, row.epoch, row.valid, row.seconds) == (0, None, {}, 0)
    assert ordered([row], "") == [row]


def test_fields_have_names_of_their_own(row):
    flat = row.flat()
    assert flat["test.error"] == row.test["error"]
    assert (flat["lr"], flat["seed"], flat["steps"]) == (0.05, 0, None)
    assert flat["milestones"] == "0.5, 0.75"
    assert set(flat) >= {"run", "valid.loss", "augment"}


def test_rows_are_ordered_by_any_field(row):
    errors = {"a": 0.3, "b": float("nan"), "c": 0.1, "d": 0.2}
    rows = [
        replace(
            row, run=name, valid={"error": value, "loss": 1.0}, recipe={"lr": value * 2, "optimizer": name}
        )
        for name, value in errors.items()
    ]

    def names(*arguments, **options):
        return "".join(each.run for each in ordered(rows, *arguments, **options))

    assert names("") == "cdab"
    assert names("", reverse=True) == "adcb"
    assert names("lr") == "cdab"
    assert names("optimizer", reverse=True) == "dcba"
    assert names("valid.error") == "cdab"
    higher = replace(row.scale, lower_is_better=False)
    assert "".join(each.run for each in ordered([replace(r, scale=higher) for r in rows], "")) == "adcb"


def test_folders_are_searched_at_any_depth_but_not_behind_links_or_dots(tmp_path):
    for name in ("b/x", "a", ".hidden", "a/inner", "c"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "run.json").touch()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / "d").mkdir()
    assert [path.relative_to(tmp_path).as_posix() for path in folders(tmp_path)] == ["a", "b/x", "c"]
    assert list(folders(tmp_path / "a")) == [tmp_path / "a"]


@pytest.mark.parametrize(
    "about", ["", "[]", "{}", '{"measures": 3, "monitor": "loss"}', "[" * 100_000, '{"monitor": []}']
)
def test_what_is_no_run_is_refused(tmp_path, about):
    (tmp_path / "run.json").write_text(about)
    with pytest.raises(RunError, match="does not describe a run"):
        Row.read(tmp_path, "x")
    (tmp_path / "run.json").unlink()
    with pytest.raises(RunError, match="cannot be read"):
        Row.read(tmp_path, "x")


@pytest.mark.parametrize("line", ["3", '{"valid": {}}', '{"valid": {"error": "a", "loss": 1}, "test": {}}'])
def test_metrics_of_another_form_are_refused(tmp_path, finished, line):
    shutil.copy(finished.folder / "run.json", tmp_path)
    (tmp_path / "metrics.jsonl").write_text(line + "\n")
    with pytest.raises(RunError, match="does not describe a run"):
        Row.read(tmp_path, "x")


def test_a_list_needs_no_torch():
    names = "netwright.cli.runs, netwright.training.listing, netwright.training.where"
    code = f"import sys, {names}; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
