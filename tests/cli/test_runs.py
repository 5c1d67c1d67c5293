"""`netwright runs`, on folders of runs that were written by hand."""

import csv
import json

import pytest
from pyarrow import parquet

from netwright.training.recipe import Recipe

MEASURES = {
    "loss": {"unit": "", "factor": 1.0, "lower_is_better": True, "counted": False, "label": "loss"},
    "error": {"unit": "%", "factor": 100.0, "lower_is_better": True, "counted": True, "label": "error"},
}


def write(folder, error, **recipe):
    folder.mkdir(parents=True)
    about = {
        "spec": "mlp",
        "data": {"name": "digits"},
        "task": {"name": "classification"},
        "state": "finished",
        "params": 38_410,
        "monitor": "error",
        "measures": MEASURES,
        "resolved": Recipe(**recipe).model_dump(mode="json"),
    }
    (folder / "run.json").write_text(json.dumps(about))
    metrics = {"loss": error, "error": error}
    row = {"epoch": 1, "step": 9, "seconds": 2.4, "train": metrics, "valid": metrics}
    (folder / "metrics.jsonl").write_text(
        json.dumps(row | {"test": {"loss": 1.0, "error": error / 2}}) + "\n"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    write(root / "slow", 0.25, lr=0.01)
    write(root / "study" / "fast", 0.05, lr=0.2)
    write(root / "adam", 0.125, lr=0.1, optimizer="adamw")
    (root / "broken").mkdir()
    (root / "broken" / "run.json").write_text("{}")
    return root


def listed(netwright, *words) -> list[str]:
    return [row["run"] for row in json.loads(netwright("runs", *words, "--json").stdout)]


def test_the_table_has_a_line_for_each_run_the_best_first(netwright, folder):
    outcome = netwright("runs", str(folder))
    lines = outcome.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["run", "study/fast", "adam", "slow"]
    assert " ".join(lines[1].split()) == "study/fast mlp digits finished 1 1 38,410 5.00 % 2.50 % 2 s sgd 0.2"
    assert lines[0].split()[-3:] == ["time", "optimizer", "lr"]
    assert "broken` does not describe a run" in outcome.stderr
    assert outcome.returncode == 0


def test_runs_are_filtered_sorted_and_cut(netwright, folder):
    place = str(folder)
    assert listed(netwright, place, "--where", "lr > 0.05") == ["study/fast", "adam"]
    assert listed(netwright, place, "--where", "lr > 0.05", "--where", "optimizer = adamw") == ["adam"]
    assert listed(netwright, place, "--where", "test.error >= 0.0625", "--sort", "lr") == ["slow", "adam"]
    assert listed(netwright, place, "--sort", "lr", "--reverse", "--top", "1") == ["study/fast"]
    assert netwright("runs", place, "--where", "lr > 9").stdout == "no run fulfils the conditions\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--where", "lr >> 2"], "`>` compares numbers"),
        (["--where", "rl > 2"], "no run has a field `rl`"),
        (["--sort", "error"], "no run has a field `error`; there are valid.error, test.error"),
        (["--top", "0"], "`--top` (=0) must be positive"),
        (["--out", "x.txt"], "must end in .csv, .parquet or .json"),
    ],
)
def test_wrong_use_is_one_line(netwright, folder, words, said):
    outcome = netwright("runs", str(folder), *words)
    assert outcome.returncode == 2
    assert said in outcome.stderr


def test_a_folder_without_runs_is_refused(netwright, tmp_path):
    assert "holds no run" in netwright("runs", str(tmp_path)).stderr
    assert "there is no folder" in netwright("runs", str(tmp_path / "no")).stderr


def test_all_fields_go_to_a_file(netwright, folder, tmp_path):
    for name in ("a.csv", "a.parquet", "a.json"):
        assert netwright("runs", str(folder), "--out", str(tmp_path / name)).returncode == 0
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    table = parquet.read_table(tmp_path / "a.parquet").to_pylist()
    assert [row["run"] for row in rows] == [row["run"] for row in table] == ["study/fast", "adam", "slow"]
    assert [float(row["lr"]) for row in rows] == [row["lr"] for row in table] == [0.2, 0.1, 0.01]
    assert table[0]["test.error"] == 0.025
    assert json.loads((tmp_path / "a.json").read_text())[0]["recipe"]["lr"] == 0.2


def test_what_controls_a_terminal_is_not_printed(netwright, tmp_path):
    write(tmp_path / "x", 0.5)
    about = json.loads((tmp_path / "x" / "run.json").read_text())
    (tmp_path / "x" / "run.json").write_text(json.dumps(about | {"spec": "a\x1b[31m\nb"}))
    assert "a?[31m?b" in netwright("runs", str(tmp_path)).stdout
