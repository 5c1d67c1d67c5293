"""Many runs at a glance: one row for each run in a folder, without torch and without building a network."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from netwright import durable
from netwright.data.scale import Scale
from netwright.errors import RunError

ABOUT, METRICS = "run.json", "metrics.jsonl"
BROKEN = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What reading a file raises that is JSON of another form."""
SCALE = TypeAdapter(Scale)


@dataclass(frozen=True)
class Row:
    """A run in a list of runs.

    Args:
        run: The folder, relative to the one that was searched.
        spec: What names the network; empty for a module.
        data: The name of the data.
        task: The name of the task.
        state: "running", "finished" or "diverged".
        params: The parameters of the network.
        done: The epochs so far.
        epoch: The epoch that validation chose; None before the first one.
        seconds: The time in training and evaluation.
        monitor: The metric that chooses the epoch, and `scale`, how it is written.
        valid: The metrics of that epoch on the validation split, by name.
        test: The same on the test split.
        recipe: The options of the recipe, without "auto".
    """

    run: str
    spec: str
    data: str
    task: str
    state: str
    params: int
    done: int
    epoch: int | None
    seconds: float
    monitor: str
    scale: Scale
    valid: Mapping[str, float]
    test: Mapping[str, float]
    recipe: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path, name: str) -> Self:
        """Return the row of the run in `folder`, called `name`.

        Raises:
            RunError: The folder does not contain a run, or the run is damaged.
        """
        try:
            about = json.loads(durable.read(folder / ABOUT))
            scale = SCALE.validate_python(about["measures"][about["monitor"]])
            rows = list(_rows(folder / METRICS))
            order = ((scale.order(row["valid"][about["monitor"]]), row["valid"]["loss"]) for row in rows)
            place = min(enumerate(order), key=lambda pair: pair[1], default=(None,))[0]
            best = rows[place] if place is not None else {"epoch": None, "valid": {}, "test": {}}
            return cls(
                run=name,
                spec=str(about["spec"] or ""),
                data=str(about["data"]["name"]),
                task=str(about["task"]["name"]),
                state=str(about["state"]),
                params=int(about["params"]),
                done=len(rows),
                epoch=None if best["epoch"] is None else int(best["epoch"]),
                seconds=float(sum(row["seconds"] for row in rows)),
                monitor=str(about["monitor"]),
                scale=scale,
                valid={name: float(value) for name, value in best["valid"].items()},
                test={name: float(value) for name, value in best["test"].items()},
                recipe=dict(about["resolved"]),
            )
        except OSError as error:
            raise RunError(f"`{folder}` cannot be read: {error.strerror}.") from error
        except (*BROKEN, ValidationError) as error:
            raise RunError(f"`{folder}` does not describe a run: {type(error).__name__}.") from error

    def flat(self) -> dict[str, Any]:
        """Return the fields by name: `lr` of the recipe, `valid.error` and `test.error` of the metrics.

        Options of the recipe that have the name of another field follow `recipe.`.
        """
        own = {name: getattr(self, name) for name in FIELDS}
        metrics = {
            f"{part}.{name}": value
            for part in ("valid", "test")
            for name, value in getattr(self, part).items()
        }
        options = {
            f"recipe.{name}" if name in own else name: _plain(value) for name, value in self.recipe.items()
        }
        return own | metrics | options

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain data."""
        own = {name: getattr(self, name) for name in FIELDS}
        return own | {"valid": dict(self.valid), "test": dict(self.test), "recipe": dict(self.recipe)}


FIELDS = ("run", "spec", "data", "task", "state", "params", "done", "epoch", "seconds", "monitor")


def folders(root: Path) -> Iterator[Path]:
    """Yield the folders of runs in a folder, at any depth, in the order of their names.

    Links are not followed, nor are folders whose name begins with a dot.
    """
    for place, inner, files in os.walk(root):
        if ABOUT in files:
            inner.clear()
            yield Path(place)
        inner[:] = sorted(name for name in inner if not name.startswith("."))


def ordered(rows: Iterable[Row], field: str, *, reverse: bool = False) -> list[Row]:
    """Return rows by a field: metrics from the best value, others from the lowest; those without it last.

    Args:
        rows: The rows.
        field: One of `Row.flat`; empty for the monitored metric on the validation split.
        reverse: From the worst, or the highest.
    """
    known, unknown = [], []
    for row in rows:
        name = field or f"valid.{row.monitor}"
        value = row.flat().get(name)
        if value is None or value != value:
            unknown.append(row)
        else:
            known.append((_order(row, name, value), row))
    known.sort(key=lambda pair: pair[0], reverse=reverse)
    return [row for _, row in known] + unknown


def _order(row: Row, name: str, value: Any) -> tuple[bool, float, str]:
    """Return what sorts numbers before texts."""
    if isinstance(value, str):
        return True, 0.0, value
    monitored = name.removeprefix("valid.").removeprefix("test.") == row.monitor and "." in name
    return False, row.scale.order(value) if monitored else float(value), ""


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the epochs of a run, without an incomplete last line."""
    lines = durable.read(path).splitlines(keepends=True) if path.exists() else []
    yield from (json.loads(line) for line in lines if line.endswith(b"\n"))


def _plain(value: Any) -> Any:
    """Return an option as a number or a text."""
    if isinstance(value, list | dict):
        return ", ".join(map(str, value))
    return value
