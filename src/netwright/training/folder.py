"""The folder of one run, and the lock that keeps it to one process.

run.json            what is trained, on what, how; its state: running, finished, diverged
metrics.jsonl       one line an epoch
checkpoints/STEP/   see `checkpoint`; index.json names the last and the best
model.safetensors   the best weights by validation, once finished
"""

import json
import os
import shutil
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import Any

from torch import Tensor

from netwright.durable import claimed, empty, replace
from netwright.errors import CheckpointError, RunError
from netwright.training import checkpoint
from netwright.training.checkpoint import MODEL

ABOUT, METRICS, CHECKPOINTS, INDEX = "run.json", "metrics.jsonl", "checkpoints", "index.json"


class Folder:
    """A run's files. Reading needs no lock; writing is for whoever holds it (`claimed`)."""

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.checkpoints = self.path / CHECKPOINTS

    def claimed(self) -> AbstractContextManager[None]:
        """Keep the folder to this process; the lock ends with it, however it ends.

        Raises:
            RunError: another process holds it, or the folder is none of ours.
        """
        return claimed(self.path, ABOUT, "run")

    @property
    def empty(self) -> bool:
        """Nothing there but what a run killed at its start leaves."""
        return empty(self.path)

    def about(self) -> dict[str, Any]:
        """What `run.json` says.

        Raises:
            RunError: there is none, or it cannot be read.
        """
        path = self.path / ABOUT
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
            if about["format"] != 1:
                raise RunError(f"`{path}` has format {about['format']}; this version reads format 1.")
        except OSError as error:
            raise RunError(f"`{self.path}` holds no run: {ABOUT}: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(f"`{path}` is no run's description: {error}.") from error
        return about

    def describe(self, about: dict[str, Any]) -> None:
        """Replace `run.json`."""
        replace(self.path / ABOUT, (json.dumps(about, indent=2) + "\n").encode())

    def rows(self) -> list[dict[str, Any]]:
        """The lines of `metrics.jsonl`, a torn last one left out."""
        path = self.path / METRICS
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def record(self, row: dict[str, Any]) -> None:
        """Append a line to `metrics.jsonl` and wait until it is on the disk."""
        with (self.path / METRICS).open("ab") as file:
            file.write(json.dumps(row).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def save(self, run: str, weights: dict[str, Tensor], state: dict[str, Any], best: int | None) -> None:
        """Write a checkpoint at `state["step"]`, name it in the index, and drop those no longer named."""
        path = self.path / METRICS
        known = path.read_bytes() if path.exists() else b""
        metrics = {"bytes": len(known), "sha256": sha256(known).hexdigest()}
        self.checkpoints.mkdir(exist_ok=True)
        step = state["step"]
        checkpoint.write(self.checkpoints / str(step), run, weights, state | {"metrics.jsonl": metrics})
        replace(self.checkpoints / INDEX, json.dumps({"last": step, "best": best}).encode())
        for folder in self.checkpoints.iterdir():
            if folder.is_dir() and folder.name not in (str(step), str(best)):
                shutil.rmtree(folder)

    def index(self) -> dict[str, int | None]:
        """Steps of the last and the best checkpoint; None: there is none yet."""
        path = self.checkpoints / INDEX
        if not path.exists():
            return {"last": None, "best": None}
        try:
            index = json.loads(path.read_text(encoding="utf-8"))
            return {name: None if index[name] is None else int(index[name]) for name in ("last", "best")}
        except (ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"`{path}` is no index of checkpoints: {error}.") from error

    def restore(self, run: str) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Weights and state of the last checkpoint, all of it checked; nothing is changed."""
        last = self.index()["last"]
        if last is None:
            return None
        weights, state = checkpoint.read(self.checkpoints / str(last), run)
        known = state["metrics.jsonl"]
        path = self.path / METRICS
        data = checkpoint.content(path)[: known["bytes"]] if known["bytes"] else b""
        if sha256(data).hexdigest() != known["sha256"]:
            raise CheckpointError(
                f"`{path}` is not what the checkpoint at step {last} knows; put a copy back."
            )
        return weights, state

    def cut(self, length: int) -> None:
        """Cut `metrics.jsonl` back to its first `length` bytes: later lines belong to steps to be retaken."""
        path = self.path / METRICS
        if path.exists():
            with path.open("rb+") as file:
                file.truncate(length)

    def finish(self, about: dict[str, Any]) -> None:
        """Put the best weights at the folder's top, then call the run finished."""
        best = self.index()["best"]
        if best is not None:
            replace(self.path / MODEL, checkpoint.content(self.checkpoints / str(best) / MODEL))
        self.describe(about | {"state": "finished"})
