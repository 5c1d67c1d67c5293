"""The folder of one run, and the lock that keeps it to one process.

run.json            what is trained, on what and how; the state: running, finished or diverged
metrics.jsonl       one line per epoch
evaluation/         what `netwright evaluate` wrote, by data and split
checkpoints/STEP/   see `checkpoint`; index.json names the last and the best one
pictures/           test examples that the task drew, once the run is finished; see `pictures`
tensorboard/        a mirror of metrics.jsonl
model.safetensors   the weights that validation chose, once the run is finished
card.md             what the run is and how good, as Markdown; README.md is the same, for the Hugging Face Hub
card.json           what was measured for the card
"""

import json
import os
import re
import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from netwright.durable import claimed, empty, read, replace
from netwright.errors import CheckpointError, RunError
from netwright.training import checkpoint
from netwright.training.checkpoint import MODEL, first
from netwright.training.records import About, MetricsRow

ABOUT, METRICS, CHECKPOINTS, INDEX = "run.json", "metrics.jsonl", "checkpoints", "index.json"
FORMAT = 3


class Folder:
    """The files of a run. Reading needs no lock; only the process that holds it may write (`claimed`)."""

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.checkpoints = self.path / CHECKPOINTS

    def claimed(self) -> AbstractContextManager[None]:
        """Lock the folder for this process; the lock ends with the process, however that ends.

        Raises:
            RunError: Another process holds the folder, or it contains something else.
        """
        return claimed(self.path, ABOUT, "run")

    @property
    def empty(self) -> bool:
        """Whether the folder is missing, or holds only what a run leaves that was killed at its start."""
        return empty(self.path)

    def about(self) -> dict[str, Any]:
        """Return the content of `run.json`.

        Raises:
            RunError: The file is missing, or it cannot be read.
        """
        path = self.path / ABOUT
        try:
            text = read(path)
            if (version := TypeAdapter(dict[str, Any]).validate_json(text).get("format")) != FORMAT:
                raise RunError(f"`{path}` has format {version}; this version reads format {FORMAT}.")
            return dict(TypeAdapter(About).validate_json(text))
        except OSError as error:
            raise RunError(f"`{self.path}` does not contain a run: {ABOUT}: {error.strerror}.") from error
        except ValidationError as error:
            raise RunError(f"`{path}` does not describe a run: {first(error)}.") from error

    def describe(self, about: dict[str, Any]) -> None:
        """Replace `run.json`."""
        replace(self.path / ABOUT, (json.dumps(about, indent=2) + "\n").encode())

    def rows(self) -> list[dict[str, Any]]:
        """Return the lines of `metrics.jsonl`, without an incomplete last one.

        Raises:
            RunError: The file cannot be read, or a line is not a row of metrics.
        """
        path = self.path / METRICS
        row = TypeAdapter(MetricsRow)
        try:
            lines = read(path).splitlines(keepends=True) if path.exists() else []
            return [dict(row.validate_json(line)) for line in lines if line.endswith(b"\n")]
        except OSError as error:
            raise RunError(f"`{path}` cannot be read: {error.strerror}.") from error
        except ValidationError as error:
            raise RunError(f"`{path}` has a line that is not a row of metrics: {first(error)}.") from error

    def record(self, row: dict[str, Any]) -> None:
        """Append a line to `metrics.jsonl` and wait until it is on the disk."""
        with (self.path / METRICS).open("ab") as file:
            file.write(json.dumps(row).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def save(self, run: str, weights: dict[str, Tensor], state: dict[str, Any], best: int | None) -> None:
        """Write a checkpoint for `state["step"]`, put it into the index, and remove those no longer in it.

        A folder that is not named by a step is not a checkpoint, and stays.
        """
        path = self.path / METRICS
        known = path.read_bytes() if path.exists() else b""
        metrics = {"bytes": len(known), "sha256": sha256(known).hexdigest()}
        self.checkpoints.mkdir(exist_ok=True)
        step = state["step"]
        checkpoint.write(self.checkpoints / str(step), run, weights, state | {"metrics.jsonl": metrics})
        replace(self.checkpoints / INDEX, json.dumps({"last": step, "best": best}).encode())
        for folder in self.checkpoints.iterdir():
            number = folder.name.removeprefix(".").removesuffix(".partial")
            if folder.is_dir() and number.isdecimal() and folder.name not in (str(step), str(best)):
                shutil.rmtree(folder)

    def index(self) -> dict[str, int | None]:
        """Return the steps of the last and the best checkpoint; None where there is none yet."""
        path = self.checkpoints / INDEX
        if not path.exists():
            return {"last": None, "best": None}
        try:
            index = json.loads(checkpoint.content(path))
            return {name: None if index[name] is None else int(index[name]) for name in ("last", "best")}
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise CheckpointError(f"`{path}` is not an index of checkpoints: {error}.") from error

    def restore(self, run: str) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Return weights and state of the last checkpoint after checking all of it; nothing is changed."""
        last = self.index()["last"]
        if last is None:
            return None
        weights, state = checkpoint.read(self.checkpoints / str(last), run)
        path = self.path / METRICS
        try:
            length, digest = int(state["metrics.jsonl"]["bytes"]), state["metrics.jsonl"]["sha256"]
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            raise CheckpointError(
                f"the checkpoint at step {last} in `{self.checkpoints}` does not say how much of {METRICS} "
                "it knows; restore it from a copy."
            ) from error
        data = checkpoint.content(path)[:length] if length else b""
        if sha256(data).hexdigest() != digest:
            raise CheckpointError(
                f"`{path}` differs from what the checkpoint at step {last} recorded; restore it from a copy."
            )
        return weights, state

    def weights(self, which: str) -> dict[str, Tensor]:
        """Return the weights of the "best" or the "last" epoch.

        Raises:
            CheckpointError: The weights are damaged, or none have been saved yet.
        """
        top = self.path / MODEL
        if which == "best" and top.exists():
            return checkpoint.tensors(top, checkpoint.content(top))
        step = self.index()[which]
        if step is None:
            raise CheckpointError(f"`{self.path}` has no {which} checkpoint yet; resume the run.")
        return checkpoint.read(self.checkpoints / str(step), self.about()["id"])[0]

    def cut(self, length: int) -> None:
        """Cut `metrics.jsonl` to its first `length` bytes: the steps of later lines are taken again."""
        path = self.path / METRICS
        if path.exists():
            with path.open("rb+") as file:
                file.truncate(length)

    def finish(self, about: dict[str, Any]) -> None:
        """Copy the best weights to the top of the folder, then mark the run as finished."""
        best = self.index()["best"]
        if best is not None:
            replace(self.path / MODEL, checkpoint.content(self.checkpoints / str(best) / MODEL))
        self.describe(about | {"state": "finished"})


def numbered(parent: Path, words: Sequence[str]) -> Path:
    """Create `parent/WORDS-N` with the first free number and return it; no two processes get the same.

    Letters that a file system or a shell might misread become hyphens.
    """
    stem = safe(words)
    parent.mkdir(parents=True, exist_ok=True)
    numbers = count(1)
    while True:
        folder = parent / f"{stem}-{next(numbers)}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder


def newest(parent: Path, words: Sequence[str]) -> Path | None:
    """Return the folder with the highest number that `numbered` gave out for these words."""
    pattern = re.compile(re.escape(safe(words)) + r"-(\d+)")
    folders = parent.iterdir() if parent.is_dir() else ()
    numbers = {int(match[1]): folder for folder in folders if (match := pattern.fullmatch(folder.name))}
    return numbers[max(numbers)] if numbers else None


def safe(words: Sequence[str]) -> str:
    """Return the words as a file name.

    >>> safe(["net.py:Net(width=2)", "data/cells"])
    'net.py-Net-width-2-data-cells'
    """
    return "-".join(re.sub(r"[^A-Za-z0-9._]+", "-", word).strip("-.")[:60] or "run" for word in words)
