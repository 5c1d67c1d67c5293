"""What the listener sends to trackio; tests/extras runs it with the real package."""

import sys
from types import SimpleNamespace

from netwright.training.listener import Ended, EpochDone, StepDone
from netwright.training.trackio import Listener


def test_an_epoch_is_logged_by_its_step_and_the_run_is_finished_at_the_end(monkeypatch):
    calls = []
    listener = Listener()
    listener.run = SimpleNamespace(log=lambda row, step: calls.append((row, step)))
    monkeypatch.setitem(sys.modules, "trackio", SimpleNamespace(finish=lambda: calls.append("finish")))
    for event in (
        StepDone(5, 1, 5, 0.1, 2.0, True),
        EpochDone({"kind": "epoch", "epoch": 1, "step": 5, "test": {"loss": 2.0}}),
        Ended("finished"),
    ):
        listener(event)
    assert calls == [({"epoch": 1, "test/loss": 2.0}, 5), "finish"]
