"""One trial: a design trained from one seed, whatever comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb
from typing import Any

from torch import nn

from netwright.data.examples import Data
from netwright.errors import USER_ERRORS, NetwrightError
from netwright.study.result import Trial
from netwright.training import randomness
from netwright.training.listener import EpochDone, Event, Started
from netwright.training.recipe import Recipe
from netwright.training.run import Run, train

Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Ticket:
    """A design, its seed, and the folder of the run: `folder` in the study's folder `home`."""

    design: str
    seed: int
    source: str | Callable[[], nn.Module]
    home: Path
    folder: str

    @property
    def path(self) -> Path:
        """The folder of the run."""
        return self.home / self.folder


def attempt(ticket: Ticket, data: Data, recipe: Recipe, tell: Tell) -> Trial:
    """Train, or go on training, to the end; why it failed is part of the result.

    `tell` hears of progress: `{"done": 0.4}`, with "epoch" and "error" behind an epoch.
    """
    recipe = recipe.changed(seed=ticket.seed)
    progress = _Progress(tell)
    try:
        if isinstance(ticket.source, str):
            run = train(ticket.source, data, recipe, out=ticket.path, resume=True, listeners=[progress])
        else:
            with randomness.scoped():
                randomness.seed(ticket.seed)  # as `train` does before it builds a spec
                net = ticket.source()
            run = train(net, data, recipe, out=ticket.path, resume=True, listeners=[progress])
    except NetwrightError as error:
        return failed(ticket, str(error))
    except USER_ERRORS as error:
        first = str(error).strip().partition("\n")[0]
        return failed(ticket, f"{type(error).__name__}: {first} ({_place(error)})")
    return _trial(ticket, run)


def kept(ticket: Ticket, recipe: Recipe) -> Trial | None:
    """The trial from its folder, if it was finished there by this recipe before."""
    if not (ticket.path / "run.json").exists():
        return None
    run = Run.read(ticket.path)
    same = run.recipe == recipe.changed(seed=ticket.seed)
    if not run.finished or not same or (isinstance(ticket.source, str) and run.spec != ticket.source):
        return None
    return _trial(ticket, run)


def failed(ticket: Ticket, reason: str) -> Trial:
    """A trial that did not reach its end."""
    rows = Run.read(ticket.path).epochs if (ticket.path / "run.json").exists() else []
    return Trial(ticket.seed, ticket.folder, rows, sum(row["seconds"] for row in rows), failure=reason)


def _trial(ticket: Ticket, run: Run) -> Trial:
    return Trial(ticket.seed, ticket.folder, run.epochs, run.seconds, finished=True)


def _place(error: Exception) -> str:
    """File and line of the last call before torch's own."""
    torch = str(Path("torch", "nn"))
    frames = [frame for frame in extract_tb(error.__traceback__) if torch not in frame.filename]
    return f"{frames[-1].filename}:{frames[-1].lineno}"


class _Progress:
    """Turns events of training into the share that is done."""

    def __init__(self, tell: Tell):
        self.tell, self.total = tell, 1

    def __call__(self, event: Event) -> None:
        if isinstance(event, Started):
            self.total = event.total
            self.tell({"done": event.step / event.total})
        if isinstance(event, EpochDone):
            row = event.row
            self.tell(
                {
                    "done": row["step"] / self.total,
                    "epoch": row["epoch"],
                    "error": row["valid"]["error"],
                }
            )
