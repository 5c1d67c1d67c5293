"""A process that trains one trial after another: `python -m netwright.study.worker`.

Standard input brings JSON lines: first the settings ("data", a file that `pack` wrote, and "threads"), then
one ticket at a time. Standard output answers with lines of progress and, at the end of each ticket, with
{"trial": …}. When the input ends, the parent has gone or wants to stop: a training is interrupted, which
saves it, and the worker ends.
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
from safetensors import safe_open
from safetensors.torch import save_file

from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind, stacked
from netwright.study.trial import SPLITS, Ticket, attempt

FACTS = ("name", "classes", "mean", "std", "digest", "skipped", "range", "values", "ignore", "layout")


def main() -> None:
    """Train what the tickets say until the input ends."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell ignores it
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a user's network prints must not mix with the answers
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=_receive, args=(lines,), daemon=True).start()

    def report(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    settings = json.loads(lines.get())
    torch.set_num_threads(settings["threads"])
    data = unpack(Path(settings["data"]))
    while line := lines.get():
        report({"trial": asdict(attempt(Ticket.from_json(json.loads(line)), data, report))})


def _receive(lines: "SimpleQueue[str]") -> None:
    """Put the lines of the input into the queue; interrupt the training, or the wait, at its end."""
    for line in sys.stdin:
        lines.put(line)
    lines.put("")
    signal.raise_signal(signal.SIGINT)


def pack(data: Data, path: Path) -> None:
    """Write `data` to one safetensors file that all workers read."""
    tensors: dict[str, torch.Tensor] = {}
    for name in SPLITS:
        split = getattr(data, name)
        tensors[f"{name}.inputs"] = stacked(split.inputs).contiguous()
        tensors |= {f"{name}.{kind}": stacked(stack).contiguous() for kind, stack in split.targets.items()}
    facts = {name: getattr(data, name) for name in FACTS}
    save_file(tensors, path, metadata={"facts": json.dumps(facts)})


def unpack(path: Path) -> Data:
    """Read what `pack` wrote."""
    with safe_open(path, framework="pt") as file:
        facts = json.loads(file.metadata()["facts"])
        for name in SPLITS:
            stored = set(file.keys())
            targets = {kind: file.get_tensor(f"{name}.{kind}") for kind in Kind if f"{name}.{kind}" in stored}
            facts[name] = Split(file.get_tensor(f"{name}.inputs"), targets)
    for name in ("classes", "mean", "std", "range", "values", "ignore"):
        facts[name] = tuple(facts[name])
    return Data(**facts)


if __name__ == "__main__":
    main()
