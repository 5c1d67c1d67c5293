"""Trials in processes of their own: order, deaths and the way out. The processes here are stand-ins."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from queue import Empty

import pytest

from netwright.study import pool
from netwright.study.pool import serve
from netwright.study.trial import Key, Ticket
from netwright.training.recipe import Recipe

STAND_IN = """
import json, os, signal, sys

settings = json.loads(sys.stdin.readline())
for line in sys.stdin:
    ticket = json.loads(line)
    design, _, seed = ticket["key"]
    if design == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if design == "quits":
        sys.exit("I quit")
    if design == "half":
        os.write(1, b'{"trial": {')
        sys.exit("I fell")
    print(json.dumps({"done": 0.5}), flush=True)
    if design == "waits":
        continue
    print(json.dumps({"trial": {"seed": seed, "folder": settings["data"], "finished": True}}), flush=True)
if "waits" in line:
    open("saved", "w").close()
"""


@pytest.fixture
def processes(monkeypatch, tmp_path) -> list[subprocess.Popen]:
    """Start stand-ins, which need no torch, in the place of workers; all that were started."""
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pool, "COMMAND", (sys.executable, str(tmp_path / "stand_in.py")))
    started: list[subprocess.Popen] = []

    class Noted(subprocess.Popen):
        def __init__(self, *arguments, **options):
            started.append(self)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    return started


def tickets(home: Path, *designs: str) -> list[Ticket]:
    return [
        Ticket(Key(name, "standard", seed), Recipe(seed=seed), name, home, f"{name}-{seed}")
        for seed, name in enumerate(designs)
    ]


def trials(home: Path, *designs: str, jobs: int = 1) -> dict:
    with closing(serve(tickets(home, *designs), Path("packed"), threads=1, jobs=jobs)) as messages:
        return {ticket.key.design: m["trial"] for ticket, m in messages if "trial" in m}


def test_one_process_trains_many_tickets_in_their_order(processes, tmp_path):
    with closing(serve(tickets(tmp_path, "a", "b"), Path("packed"), threads=1, jobs=1)) as messages:
        heard = [(ticket.key.design, *message) for ticket, message in messages]
    assert heard == [("a", "done"), ("a", "trial"), ("b", "done"), ("b", "trial")]
    assert len(processes) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that kills")
def test_a_process_that_is_killed_costs_its_trial_only(processes, tmp_path):
    ended = trials(tmp_path, "killed", "fine")
    assert ended["killed"]["failure"].startswith("its process was ended by SIGKILL; is there enough memory")
    assert ended["fine"]["finished"]


@pytest.mark.parametrize(("design", "reason"), [("quits", "I quit"), ("half", "I fell")])
def test_a_process_that_ends_gives_its_last_line_as_the_reason(processes, tmp_path, design, reason):
    ended = trials(tmp_path, design, "fine")
    assert ended[design]["failure"] == f"its process ended with code 1: {reason}"
    assert ended["fine"]["finished"]


def test_several_processes_train_at_a_time_and_no_more_than_there_are_tickets(processes, tmp_path):
    assert set(trials(tmp_path, "a", "b", jobs=5)) == {"a", "b"}
    assert len(processes) == 2


def test_leaving_early_lets_the_processes_save_and_end(processes, tmp_path):
    with closing(serve(tickets(tmp_path, "waits", "b"), Path("packed"), threads=1, jobs=1)) as messages:
        assert next(messages)[1] == {"done": 0.5}
    assert [process.poll() for process in processes] == [0]
    assert (tmp_path / "saved").exists()


def test_a_wait_has_a_limit_so_that_ctrl_c_can_end_it():
    """A wait of Python without a limit cannot be interrupted on Windows."""
    limits: list = []

    class Slow:
        def get(self, timeout):
            limits.append(timeout)
            if len(limits) < 3:
                raise Empty
            return "worker", None

    assert pool._next(Slow()) == ("worker", None)
    assert max(limits) <= 1


def test_no_ticket_needs_no_process(processes, tmp_path):
    assert trials(tmp_path, jobs=3) == {}
    assert processes == []


def test_a_process_does_not_receive_the_ctrl_c_of_the_terminal(processes, tmp_path, monkeypatch):
    """On Windows by a process group of its own, elsewhere by a session of its own."""
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 512, raising=False)
    for system, options in (("win32", {"creationflags": 512}), ("darwin", {"start_new_session": True})):
        monkeypatch.setattr(sys, "platform", system)
        assert pool._detached() == options
