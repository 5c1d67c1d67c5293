"""One trial: a design trained with a recipe from one seed, whether it finishes or fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import nan
from pathlib import Path, PurePosixPath
from traceback import extract_tb
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, Field
from torch import nn

from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.errors import USER_ERRORS, NetwrightError, RunError
from netwright.training import randomness
from netwright.training.listener import EpochDone, Event, Listeners, Started
from netwright.training.pictures import Pictures
from netwright.training.recipe import Recipe
from netwright.training.run import Run, conduct

SPLITS = ("train", "valid", "test")

Report = Callable[[dict[str, Any]], None]
Count = Annotated[int, Field(ge=0, lt=2**63)]
HUGE = 1e300


def _inside(folder: str) -> str:
    """Refuse a folder that does not lie below that of the study."""
    path = PurePosixPath(folder)
    if path.is_absolute() or ".." in path.parts or set(folder) & {"\\", ":", "\0"}:
        raise ValueError(f"the folder {folder!r} leaves the folder of the study")
    return folder


def _measured(row: dict[str, Any]) -> dict[str, Any]:
    """Refuse a row without a number of the epoch and metrics on each split; a metric may be null."""
    if not isinstance(row["epoch"], int) or abs(row["epoch"]) >= 2**63:
        raise ValueError("the number of an epoch is not a number of 64 bits")
    for split in SPLITS:
        if not isinstance(row[split], dict):
            raise ValueError(f"epoch {row['epoch']} has no metrics on {split}")
        for name, value in row[split].items():
            if value is not None and not (isinstance(value, int | float) and not abs(value) >= HUGE):
                raise ValueError(f"epoch {row['epoch']} has the {split} {name} {value!r:.40}, not a number")
    return row


@dataclass(frozen=True)
class Trial:
    """The result of one run. `failure` says why it did not finish and is empty if it did.

    `epochs` are the rows of the run's `metrics.jsonl`; `folder` is relative to the folder of the study.
    """

    seed: Count
    folder: Annotated[str, AfterValidator(_inside)]
    epochs: list[Annotated[dict[str, Any], AfterValidator(_measured)]] = field(default_factory=list)
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    finished: bool = False
    failure: str = ""

    def __post_init__(self) -> None:
        if self.finished and not self.epochs:
            raise ValueError(f"the trial of seed {self.seed} is finished but has no epochs")

    def value(self, split: str, metric: str) -> float:
        """Return a metric on `split` at the end of training; nan where it has no value."""
        return measured(self.epochs[-1], split, metric)


def measured(row: Mapping[str, Any], split: str, metric: str) -> float:
    """Return a metric of one epoch; nan where it has no value."""
    value = row[split][metric]
    return nan if value is None else float(value)


class Key(NamedTuple):
    """What identifies a trial within its study: the names of design and recipe, and the seed."""

    design: str
    recipe: str
    seed: int


@dataclass(frozen=True)
class Ticket:
    """A trial that is still to be trained.

    `recipe` holds the seed of the trial; `source` is a spec or a function that builds the network; `task`
    is that of `train`; the run is kept in `folder`, relative to the folder `home` of the study.
    """

    key: Key
    recipe: Recipe
    source: str | Callable[[], nn.Module]
    home: Path
    folder: str
    task: Task | str | None = None

    @property
    def path(self) -> Path:
        """The folder of the run."""
        return self.home / self.folder

    @property
    def portable(self) -> bool:
        """Whether a worker can train it: it holds no function and no task of this process."""
        texts = (self.source, self.recipe.optimizer, *self.recipe.augment)
        return all(isinstance(each, str) for each in texts) and isinstance(self.task, str | None)

    def to_json(self) -> dict[str, Any]:
        """Return the ticket as JSON, for a worker process; it must be portable."""
        return {
            "key": list(self.key),
            "recipe": options(self.recipe),
            "source": self.source,
            "home": str(self.home),
            "folder": self.folder,
            "task": self.task,
        }

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> Self:
        """Return the ticket that `to_json` described."""
        key, recipe, home = Key(*facts["key"]), Recipe(**facts["recipe"]), Path(facts["home"])
        return cls(key, recipe, facts["source"], home, facts["folder"], facts["task"])


def attempt(ticket: Ticket, data: Data, report: Report) -> Trial:
    """Train to the end, or go on with an interrupted run; a failure is part of the result.

    `report` is called with the progress: `{"done": 0.4}`, and after an epoch also "epoch" and "value",
    that of the monitored metric on the validation split.
    """
    listener = _Listener(report)
    try:
        net = ticket.source if isinstance(ticket.source, str) else _built(ticket.source, ticket.key.seed)
        run = conduct(
            net,
            data,
            ticket.recipe,
            out=ticket.path,
            task=ticket.task,
            resume=True,
            listeners=Listeners([listener], [Pictures]),
        )
    except NetwrightError as error:
        return failed(ticket, str(error))
    except USER_ERRORS as error:
        first = str(error).strip().partition("\n")[0]
        return failed(ticket, f"{type(error).__name__}: {first} ({_place(error)})")
    return _trial(ticket, run)


def finished(ticket: Ticket) -> Trial | None:
    """Return the trial from its folder if the same recipe and spec were trained to the end there before."""
    run = _run(ticket)
    if run is None or not run.finished or options(run.recipe) != options(ticket.recipe):
        return None
    if isinstance(ticket.source, str) and run.spec != ticket.source:
        return None
    return _trial(ticket, run)


def options(recipe: Recipe) -> dict[str, Any]:
    """Return the options of a recipe as JSON, which has the names of functions."""
    return recipe.model_dump(mode="json")


def failed(ticket: Ticket, reason: str) -> Trial:
    """Return a trial that did not reach its end, with the epochs that it did reach."""
    run = _run(ticket)
    epochs, seconds = (run.epochs, run.seconds) if run else ([], 0.0)
    return Trial(ticket.key.seed, ticket.folder, epochs, seconds, failure=reason)


def _run(ticket: Ticket) -> Run | None:
    """The run in the ticket's folder; None if there is none, or a damaged one (which training reports)."""
    try:
        return Run.read(ticket.path) if (ticket.path / "run.json").exists() else None
    except RunError:
        return None


def _trial(ticket: Ticket, run: Run) -> Trial:
    return Trial(ticket.key.seed, ticket.folder, run.epochs, run.seconds, finished=True)


def _built(build: Callable[[], nn.Module], seed: int) -> nn.Module:
    """Build a network from the seed, as `train` does with a spec."""
    with randomness.scoped():
        randomness.seed(seed)
        return build()


def _place(error: Exception) -> str:
    """The file and line of the last call that is not torch's own."""
    torch = str(Path("torch", "nn"))
    frames = [frame for frame in extract_tb(error.__traceback__) if torch not in frame.filename]
    return f"{frames[-1].filename}:{frames[-1].lineno}"


class _Listener:
    """Turns the events of a training into reports of the share that is done."""

    def __init__(self, report: Report):
        self.report, self.total, self.monitor = report, 1, "loss"

    def __call__(self, event: Event) -> None:
        if isinstance(event, Started):
            self.total, self.monitor = event.total, event.about["monitor"]
            self.report({"done": event.step / event.total})
        if isinstance(event, EpochDone):
            row = event.row
            done = row["step"] / self.total
            self.report({"done": done, "epoch": row["epoch"], "value": row["valid"][self.monitor]})
