"""Every listener receives every event, and an installed listener cannot harm the run."""

import random
import sys

import pytest
import torch

from netwright.errors import DivergenceError, UsageError
from netwright.plugins import Plugin, PluginWarning
from netwright.training import listener
from netwright.training.listener import Ended, EpochDone, Listeners, Started, StepDone
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, data

RECIPE = Recipe(epochs=2, batch=16, augment=(), lr=0.05)


@pytest.fixture
def install(monkeypatch):
    """Installs a listener under the name `theirs`."""

    def add(function):
        added = Plugin("theirs", "their-package 1.2", lambda: function)
        monkeypatch.setattr(listener, "plugins", lambda group: (added,) if group == "listeners" else ())

    return add


def test_a_listener_receives_every_event_of_a_run(tmp_path, install, finished):
    heard, own = [], []
    install(heard.append)
    train(SPEC, data(), RECIPE, out=tmp_path, listeners=["theirs", own.append])
    assert heard == own
    epoch = [*([StepDone] * 5), EpochDone]
    assert [type(event) for event in heard] == [Started, *epoch, *epoch, Ended]
    assert heard[0].about["spec"] == SPEC
    assert heard[0].folder == tmp_path
    assert heard[-1] == Ended("finished")


def test_a_failing_listener_is_left_out_and_changes_nothing(tmp_path, install, finished):
    calls = []

    def fail(event):
        calls.append(event)
        random.random()
        torch.rand(1)
        sys.stdout.write("noise")
        if len(calls) == 3:
            raise type("TheirError", (Exception,), {})("no server")

    install(fail)
    with pytest.warns(
        PluginWarning, match="`theirs` is left out from here on: TheirError: no server"
    ) as seen:
        run = train(SPEC, data(), RECIPE, out=tmp_path, listeners=["theirs"])
    assert len(seen) == 1
    assert len(calls) == 3
    weights = [(folder / "model.safetensors").read_bytes() for folder in (run.folder, finished.folder)]
    assert weights[0] == weights[1]


def test_what_an_installed_listener_prints_goes_to_standard_error(install, capsys):
    install(lambda event: sys.stdout.write("hello"))
    Listeners(["theirs"])(Ended("finished"))
    assert capsys.readouterr() == ("", "hello")


@pytest.mark.parametrize(
    ("error", "state"),
    [(DivergenceError("x"), "diverged"), (KeyboardInterrupt(), "interrupted"), (OSError("full"), "failed")],
)
def test_the_last_event_says_how_the_run_ended(error, state):
    heard = []
    with pytest.raises(type(error)), Listeners([heard.append]):
        raise error
    assert heard == [Ended(state)]


def test_only_the_first_process_has_installed_listeners(monkeypatch, install):
    heard, own = [], []
    install(heard.append)
    monkeypatch.setenv("RANK", "1")
    Listeners(["theirs", own.append])(Ended("finished"))
    assert (heard, own) == ([], [Ended("finished")])


def test_an_unknown_listener_is_refused_before_anything_is_made(tmp_path, install):
    install(print)
    with pytest.raises(UsageError, match="no listener called `wandb`; there are mlflow, trackio, theirs"):
        train(SPEC, data(), RECIPE, out=tmp_path / "run", listeners=["wandb"])
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("listeners", ["mlflow", [3], [None]])
def test_anything_but_a_list_of_functions_and_names_is_refused(listeners):
    with pytest.raises(UsageError, match="must be a list of functions and names"):
        Listeners(listeners)


@pytest.mark.parametrize("name", listener.OURS)
def test_a_missing_extra_says_how_to_install_it(name, monkeypatch):
    monkeypatch.setattr(listener, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=rf"pip install netwright\[{name}\]"):
        Listeners([name])
