"""Trials in processes of their own: deaths, order, and the way out."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from netwright.study.parcel import pack
from netwright.study.pool import serve
from netwright.study.trial import Ticket
from netwright.training.recipe import Recipe
from netwright.training.run import Run

RECIPE = Recipe(device="cpu", epochs=2, batch=16, augment=())
NET = """
import os, signal
from torch import nn

class Fine(nn.Linear):
    def __init__(self):
        super().__init__(64, 10)

    def forward(self, x):
        return super().forward(x.flatten(1))

class Killed(Fine):
    def forward(self, x):
        if self.training:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().forward(x)

class Quits(Fine):
    def forward(self, x):
        raise SystemExit("I quit")
"""


@pytest.fixture
def serving(tiny, tmp_path):
    """Serve networks of the file above by name; seeds count up."""
    (tmp_path / "nets.py").write_text(NET)
    pack(tiny, tmp_path / "data")
    settings = {"data": str(tmp_path / "data"), "recipe": RECIPE.model_dump(mode="json"), "threads": 1}

    def start(*names: str, jobs: int):
        tickets = [
            Ticket(name, seed, f"{tmp_path / 'nets.py'}:{name}", tmp_path / "out", f"{name}-{seed}")
            for seed, name in enumerate(names)
        ]
        return closing(serve(tickets, settings, jobs))

    return start


def test_a_process_that_dies_costs_its_trial_only(serving):
    with serving("Killed", "Fine", "Quits", jobs=1) as heard:
        trials = {ticket.design: message["trial"] for ticket, message in heard if "trial" in message}
    assert trials["Killed"]["failure"].startswith("its process was ended by SIGKILL")
    assert trials["Quits"]["failure"] == "its process ended with code 1: I quit"
    assert trials["Fine"]["finished"]


def test_leaving_early_ends_the_processes_and_leaves_runs_that_go_on(serving, tmp_path, monkeypatch):
    monkeypatch.setattr("netwright.study.pool.GRACE", 60.0)
    with serving("Fine", "Fine", jobs=1) as heard:
        ticket, _ = next(heard)
    run = Run.read(ticket.path)
    assert run.recipe.seed == 0
    assert not [pid for pid in children() if "netwright.study.worker" in pid]


def children() -> list[str]:
    """Command lines of this process's children."""
    mine = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    pids = " ".join(file.read_text() for file in mine).split()
    return [Path(f"/proc/{pid}/cmdline").read_text() for pid in pids]


def test_no_ticket_needs_no_process(serving):
    with serving(jobs=3) as heard:
        assert list(heard) == []
