"""Saving, stopping and going on, with real kills."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from netwright.errors import DivergenceError
from netwright.training.folder import Folder
from netwright.training.listener import EpochDone, StepDone
from netwright.training.recipe import Recipe
from netwright.training.result import Run
from netwright.training.run import train
from netwright.training.runner import Interrupt
from tiny import SPEC, Net, data

RECIPE = Recipe(epochs=3, batch=16, augment=())


def test_killed_at_any_instant_and_resumed_it_is_bit_identical(tmp_path):
    """Weights, optimizer, random states, metrics and index, after SIGKILL in an epoch and in a saving."""
    tests = Path(__file__).parent.parent
    paths = os.pathsep.join([str(tests), str(tests.parent / "src")])
    command = [sys.executable, "-W", "error", str(Path(__file__).parent / "killed.py"), str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["epochs"] == 3
    assert len(report["runs"]) >= 14
    assert {"ragged call 16", "volumes call 16"} < report["runs"].keys()
    for name, outcome in report["runs"].items():
        assert outcome["kills"] >= 1, name
        for part in ("weights", "state", "rows", "index"):
            assert outcome[part], f"{part} of {name}, killed after {outcome['positions']}"
    positions = {place for outcome in report["runs"].values() for place in outcome["positions"]}
    assert any(place and place % 6 for place in positions), (
        "one kill at least left a checkpoint inside an epoch"
    )


def test_ctrl_c_saves_and_the_run_goes_on(tmp_path):
    def press(event):
        if isinstance(event, StepDone) and event.step == 8:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt, match="interrupted at step 9, which is saved"):
        train(SPEC, data(), RECIPE, out=tmp_path / "cut", listeners=[press])
    assert Folder(tmp_path / "cut").index()["last"] == 9
    resumed = train(SPEC, data(), RECIPE, out=tmp_path / "cut", resume=True)
    whole = train(SPEC, data(), RECIPE, out=tmp_path / "whole")
    same_rows(resumed, whole)


def same_rows(one: Run, other: Run) -> None:
    keys = ("epoch", "step", "lr", "train", "valid", "test")
    assert [[row[key] for key in keys] for row in one.epochs] == [
        [row[key] for key in keys] for row in other.epochs
    ]


def test_early_stopping_waits_for_the_given_number_of_epochs_without_a_better_one(tmp_path):
    recipe = Recipe(epochs=50, batch=16, augment=(), schedule="constant", lr=0.05, early_stopping=2)
    run = train(SPEC, data(), recipe, out=tmp_path)
    assert run.finished
    assert len(run.epochs) == run.best["epoch"] + 2 < 50
    assert train(SPEC, data(), recipe, out=tmp_path, resume=True) == run


def test_a_divergence_names_step_rate_and_the_last_good_checkpoint(tmp_path):
    net = Net()

    def spoil(event):
        if isinstance(event, EpochDone) and event.row["epoch"] == 2:
            net.conv.weight.data.fill_(float("nan"))

    with pytest.raises(DivergenceError, match=r"nan at step 11 with learning rate .*checkpoints/10`"):
        train(net, data(), RECIPE, out=tmp_path, listeners=[spoil])
    assert Folder(tmp_path).about()["state"] == "diverged"
    assert not Run.read(tmp_path).finished


def test_a_divergence_before_any_checkpoint_says_so(tmp_path):
    recipe = RECIPE.changed(lr=1e30, schedule="constant", epochs=1)
    with pytest.raises(DivergenceError, match="no checkpoint had been saved yet"):
        train(SPEC, data(), recipe, out=tmp_path)


def test_a_checkpoint_inside_an_epoch_is_saved_every_save_every_steps(tmp_path):
    saved = set()

    def watch(event):
        saved.add(Folder(tmp_path).index()["last"])

    train(SPEC, data(), RECIPE.changed(save_every=2), out=tmp_path, listeners=[watch])
    assert saved == {None, 2, 4, 5, 6, 8, 10, 12, 14, 15}


def press_ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_ctrl_c_is_a_request_and_the_second_stops_at_once():
    with Interrupt() as interrupt:
        assert not interrupt.asked
        press_ctrl_c()
        assert interrupt.asked
        with pytest.raises(KeyboardInterrupt):
            press_ctrl_c()


def test_the_handler_that_was_there_returns():
    before = signal.getsignal(signal.SIGINT)
    with Interrupt():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_among_several_processes_python_s_own_behaviour_stays(monkeypatch):
    """A process in the background ignores SIGINT, so the test sets the handler of Python itself."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Interrupt(), pytest.raises(KeyboardInterrupt):
            press_ctrl_c()
    finally:
        signal.signal(signal.SIGINT, before)


def test_outside_the_main_thread_the_handler_stays():
    before, seen = signal.getsignal(signal.SIGINT), []

    def work():
        with Interrupt():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
