"""A process that trains one trial after another: `python -m netwright.study.worker`.

Standard input brings JSON lines: first the settings (data, recipe, threads), then a ticket at a time.
Standard output answers with lines of progress and, at the end of each ticket, {"trial": …}. When the input
ends, the parent has gone or wants to stop: training is interrupted, which saves it, and the worker ends.
"""

import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import torch

from netwright.study.parcel import unpack
from netwright.study.trial import Ticket, attempt
from netwright.training.recipe import Recipe


def main() -> None:
    """Serve tickets until the input ends."""
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell's background job starts with it ignored
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a user's network prints must not mix with the answers
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=_hear, args=(lines,), daemon=True).start()

    def tell(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    settings = json.loads(lines.get())
    torch.set_num_threads(settings["threads"])
    data, recipe = unpack(Path(settings["data"])), Recipe(**settings["recipe"])
    while True:
        facts = json.loads(lines.get())
        ticket = Ticket(**facts | {"home": Path(facts["home"])})
        tell({"trial": asdict(attempt(ticket, data, recipe, tell))})


def _hear(lines: "SimpleQueue[str]") -> None:
    for line in sys.stdin:
        lines.put(line)
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    main()
