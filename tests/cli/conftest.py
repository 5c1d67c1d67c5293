"""Run the command as a user does: inside this process, or in a process of its own where that is tested."""

import subprocess
import sys
from collections.abc import Callable

import pytest

import command
from command import Outcome


@pytest.fixture
def netwright() -> Callable[..., Outcome]:
    return command.netwright


@pytest.fixture
def netwright_process() -> Callable[..., Outcome]:
    """For what only a process shows: file descriptors, signals, what is imported."""

    def run(*words: str) -> Outcome:
        start = [sys.executable, "-W", "error", "-c", "from netwright.cli.main import main; main()", *words]
        return subprocess.run(start, capture_output=True, text=True, check=False)

    return run
