"""trackio itself, on a local store."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("trackio", reason="needs netwright[trackio]; see `make test-extras`")

CODE = """
import json, sys
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, data
recipe = Recipe(epochs=3, batch=16, augment=(), lr=0.05)

def stop(event):
    if getattr(event, "step", 0) == 7:
        raise KeyboardInterrupt

try:
    train(SPEC, data(), recipe, out="r", listeners=["trackio", stop])
except KeyboardInterrupt:
    pass
run = train(SPEC, data(), recipe, out="r", resume=True, listeners=["trackio"])
from trackio.sqlite_storage import SQLiteStorage
(record,) = SQLiteStorage.get_run_records("netwright")
rows = SQLiteStorage.get_logs("netwright", record["name"], run_id=record["id"])
config = SQLiteStorage.get_run_config("netwright", record["name"], run_id=record["id"])
sys.stdout.write(json.dumps([[row["test/error"] for row in rows], config["lr"], run.epochs]))
"""


def test_a_stopped_and_resumed_run_is_one_trackio_run_with_every_epoch(tmp_path):
    """In a process of its own, because trackio reads the folder of its store when it is imported."""
    tests = Path(__file__).parent.parent
    paths = os.pathsep.join([str(tests), str(tests.parent / "src"), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": paths, "TRACKIO_DIR": str(tmp_path / "store")}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    errors, lr, epochs = json.loads(done.stdout)
    assert errors == [row["test"]["error"] for row in epochs]
    assert lr == 0.05
