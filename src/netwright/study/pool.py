"""Trials in processes of their own, several at a time; a process that dies costs its trial, not the study.

A worker (`netwright.study.worker`) imports torch once and serves many trials. It is started as a command and
spoken to in JSON, so neither the caller's main module nor any object of it has to travel.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from netwright.study.trial import Ticket, failed

GRACE = 20.0  # seconds to save and end after being asked to

Message = dict[str, Any]
Events = SimpleQueue[tuple["Worker", Message | None]]


class Worker:
    """One process. What it says goes to `events`, None at its end; what it prints, to a log."""

    def __init__(self, settings: Message, events: Events):
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 (`end` closes)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "netwright.study.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            encoding="utf-8",
            env=_environment(settings["threads"]),
            start_new_session=True,  # Ctrl-C reaches the parent, which lets its workers save
        )
        self._say(settings)
        self._reader = Thread(target=self._read, args=(events,), daemon=True)
        self._reader.start()

    def give(self, ticket: Ticket) -> None:
        """Train this next."""
        self._say(asdict(ticket) | {"home": str(ticket.home)})

    def _say(self, message: Message) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it died: the reader tells
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    def _read(self, events: Events) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):  # else it died in the middle of it
                events.put((self, json.loads(line)))
        events.put((self, None))

    def close(self) -> None:
        """Ask the process to save and end."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def end(self, grace: float) -> str:
        """Wait `grace` seconds for the end, or force it; returns why it ended."""
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()
        code = self._process.wait()
        self.close()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.seek(0)
        last = self._log.read().strip().rpartition("\n")[2]
        self._log.close()
        if code < 0:
            name = signal.Signals(-code).name
            hint = "; is there enough memory for so many jobs?" if name == "SIGKILL" else ""
            return f"its process was ended by {name}{hint}"
        return f"its process ended with code {code}: {last}"


def serve(tickets: Sequence[Ticket], settings: Message, jobs: int) -> Generator[tuple[Ticket, Message]]:
    """Train every ticket, `jobs` at a time; yields what is heard of each, lastly {"trial": …}.

    Closing the generator, or an exception in it, lets the workers save and end.

    Args:
        tickets: in the order to start them; their sources are specs.
        settings: "data" (the file of a parcel), "recipe" and "threads".
        jobs: processes.
    """
    waiting, events = deque(tickets), Events()
    busy: dict[Worker, Ticket] = {}
    idle = [Worker(settings, events) for _ in range(min(jobs, len(waiting)))]
    try:
        while waiting or busy:
            while waiting and idle:
                worker = idle.pop()
                busy[worker] = waiting.popleft()
                worker.give(busy[worker])
            worker, message = events.get()
            if worker in idle:  # it died without work, which nobody misses
                idle.remove(worker)
            elif message is None:
                ticket = busy.pop(worker)
                yield ticket, {"trial": asdict(failed(ticket, worker.end(GRACE)))}
                idle += [Worker(settings, events)] if waiting else []
            else:
                yield busy[worker], message
                if "trial" in message:
                    del busy[worker]
                    idle.append(worker)
    finally:
        _stop([*idle, *busy])


def _stop(workers: list[Worker]) -> None:
    for worker in workers:
        worker.close()
    try:
        for worker in workers:
            worker.end(GRACE)
    except KeyboardInterrupt:  # a second Ctrl-C: at once
        for worker in workers:
            worker.kill()
        raise


def _environment(threads: int) -> dict[str, str]:
    """The parent's, with its import path and the number of threads."""
    path = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    return os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
