"""Run the command as a user does, in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Outcome = subprocess.CompletedProcess[str]


@pytest.fixture
def netwright() -> Callable[..., Outcome]:
    def run(*words: str, cwd: Path | None = None) -> Outcome:
        command = [sys.executable, "-W", "error", "-c", "from netwright.cli.main import main; main()", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)

    return run
