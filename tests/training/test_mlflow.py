"""What the listener sends to MLflow; tests/extras runs it with the real package."""

from types import SimpleNamespace

import pytest

from netwright.training import mlflow
from netwright.training.listener import Ended, EpochDone

ROW = {"kind": "epoch", "epoch": 2, "step": 10, "lr": 0.1, "valid": {"loss": 1.5, "error": 0.25}}


def test_an_epoch_is_one_number_per_name():
    assert mlflow.flat(ROW) == {"epoch": 2, "lr": 0.1, "valid/loss": 1.5, "valid/error": 0.25}


@pytest.mark.parametrize(("state", "status"), mlflow.STATES.items())
def test_the_end_of_a_run_has_a_status_of_mlflow(state, status):
    ended = []
    client = SimpleNamespace(set_terminated=lambda run, status: ended.append((run, status)))
    listener = object.__new__(mlflow.Listener)
    listener.client, listener.run = client, "7"
    listener(Ended(state))
    assert ended == [("7", status)]


def test_an_epoch_that_was_logged_before_is_not_logged_again():
    listener = object.__new__(mlflow.Listener)
    listener.logged = 2
    listener(EpochDone(ROW))
    assert listener.logged == 2
