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
from torch import Tensor

from netwright.data.examples import Data, Split
from netwright.data.extent import Extent, extent, opened
from netwright.data.kinds import Kind, Stack
from netwright.study.trial import SPLITS, Ticket, attempt

FACTS = (
    *("name", "classes", "mean", "std", "digest", "skipped", "range", "values", "ignore", "layout"),
    *("size", "options"),
)


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
    """Write `data` to one safetensors file that all workers read; memory maps stay in their files."""
    tensors: dict[str, Tensor] = {}
    facts: dict[str, Any] = {name: getattr(data, name) for name in FACTS}
    for name in SPLITS:
        split = getattr(data, name)
        packed = {"inputs": split.inputs} | {str(kind): stack for kind, stack in split.targets.items()}
        stacks = {key: _packed(f"{name}.{key}", stack, tensors) for key, stack in packed.items()}
        facts[name] = {"stacks": stacks, "groups": list(split.groups)}
    save_file(tensors, path, metadata={"facts": json.dumps(facts)})


def _packed(name: str, stack: Stack, tensors: dict[str, Tensor]) -> Any:
    """Add the tensors of a stack that are in memory to `tensors`; return what names each part of it."""
    if isinstance(stack, Tensor):
        tensors[name] = _own(stack)
        return name
    parts = []
    for number, tensor in enumerate(stack):
        place = extent(tensor)
        if place is None:
            tensors[f"{name}.{number}"] = _own(tensor)
        parts.append(f"{name}.{number}" if place is None else asdict(place))
    return parts


def _own(tensor: Tensor) -> Tensor:
    """Return a tensor that shares no memory with others, which safetensors refuses: a view is copied."""
    whole = tensor.is_contiguous() and tensor.untyped_storage().nbytes() == tensor.nbytes
    return tensor if whole else tensor.clone(memory_format=torch.contiguous_format)


def unpack(path: Path) -> Data:
    """Read what `pack` wrote."""
    with safe_open(path, framework="pt") as file:
        facts = json.loads(file.metadata()["facts"])
        for name in SPLITS:
            stacks = {key: _unpacked(stack, file) for key, stack in facts[name]["stacks"].items()}
            inputs, groups = stacks.pop("inputs"), tuple(facts[name]["groups"])
            facts[name] = Split(inputs, {Kind(kind): stack for kind, stack in stacks.items()}, groups)
    for name, value in facts.items():
        if isinstance(value, list):
            facts[name] = tuple(value)
    return Data(**facts)


def _unpacked(stack: Any, file: Any) -> Stack:
    if isinstance(stack, str):
        return file.get_tensor(stack)
    places = [part for part in stack if not isinstance(part, str)]
    mapped = iter(opened([_extent(place) for place in places]))
    return tuple(file.get_tensor(part) if isinstance(part, str) else next(mapped) for part in stack)


def _extent(place: dict[str, Any]) -> Extent:
    return Extent(**place | {"shape": tuple(place["shape"]), "stride": tuple(place["stride"])})


if __name__ == "__main__":
    main()
