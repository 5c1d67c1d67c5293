"""Trials in processes of their own, several at a time; a process that dies costs its trial, not the study.

A worker (`netwright.study.worker`) imports torch once and trains many trials. It is started as a command and
exchanges JSON with this process, so no module and no object of the caller has to be transferred.
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
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from netwright.study.trial import Ticket, failed

GRACE = 20.0  # seconds to save and end after being asked to
COMMAND = (sys.executable, "-P", "-m", "netwright.study.worker")

Message = dict[str, Any]
Inbox = SimpleQueue[tuple["Worker", Message | None]]


class Worker:
    """One process. Its messages go to `inbox`, followed by None at its end; what it prints goes to a log."""

    def __init__(self, settings: Message, inbox: Inbox):
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 (`end` closes)
        self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            encoding="utf-8",
            env=_environment(settings["threads"]),
            **_detached(),
        )
        self._send(settings)
        self._reader = Thread(target=self._read, args=(inbox,), daemon=True)
        self._reader.start()

    def give(self, ticket: Ticket) -> None:
        """Let the process train `ticket` next."""
        self._send(ticket.to_json())

    def _send(self, message: Message) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # the process died, which the reader notices
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    def _read(self, inbox: Inbox) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):  # otherwise the process died in the middle of the line
                inbox.put((self, json.loads(line)))
        inbox.put((self, None))

    def close(self) -> None:
        """Ask the process to save and end."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def end(self, grace: float) -> str:
        """Wait `grace` seconds for the end of the process, then force it; return why it ended."""
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


def serve(
    tickets: Sequence[Ticket], data: Path, *, threads: int, jobs: int
) -> Generator[tuple[Ticket, Message]]:
    """Train every ticket; yield its messages of progress and at last {"trial": …}.

    Closing the generator, or an exception in it, lets the workers save their runs and end.

    Args:
        tickets: what to train, in the order to start; their sources are specs.
        data: a file that `worker.pack` wrote.
        threads: of each process.
        jobs: how many processes train at a time.
    """
    settings: Message = {"data": str(data), "threads": threads}
    waiting, inbox = deque(tickets), Inbox()
    busy: dict[Worker, Ticket] = {}
    idle = [Worker(settings, inbox) for _ in range(min(jobs, len(waiting)))]
    try:
        while waiting or busy:
            while waiting and idle:
                worker = idle.pop()
                busy[worker] = waiting.popleft()
                worker.give(busy[worker])
            worker, message = _next(inbox)
            if worker in idle:  # it died without work, so nothing is lost
                idle.remove(worker)
            elif message is None:
                ticket = busy.pop(worker)
                yield ticket, {"trial": asdict(failed(ticket, worker.end(GRACE)))}
                idle += [Worker(settings, inbox)] if waiting else []
            else:
                yield busy[worker], message
                if "trial" in message:
                    del busy[worker]
                    idle.append(worker)
    finally:
        _stop([*idle, *busy])


def _next(inbox: Inbox) -> tuple[Worker, Message | None]:
    """Wait for a message, in short waits: on Windows Ctrl-C does not end a wait without a limit."""
    while True:
        with suppress(Empty):
            return inbox.get(timeout=0.5)


def _stop(workers: list[Worker]) -> None:
    for worker in workers:
        worker.close()
    try:
        for worker in workers:
            worker.end(GRACE)
    except KeyboardInterrupt:  # a second Ctrl-C does not wait
        for worker in workers:
            worker.kill()
        raise


def _detached() -> dict[str, Any]:
    """Return options that keep Ctrl-C from a process: the parent receives it and lets its workers save."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _environment(threads: int) -> dict[str, str]:
    """Return the environment of the parent, with its import path and the number of threads."""
    path = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    return os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
