"""`netwright evaluate`: metrics of a run with intervals, scores of classes, and the worst examples."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.progress import Progress

from netwright.cli.data import Options
from netwright.cli.members import Members
from netwright.cli.options import Json, Whole
from netwright.cli.stdout import only_results

if TYPE_CHECKING:
    from netwright.data.examples import Data


def evaluate(  # noqa: PLR0913  # each is a flag, and a command has no better place for them
    run: Path,
    /,
    *,
    data: str | None = None,
    split: Literal["train", "valid", "test"] = "test",
    worst: int = 8,
    out: Path | None = None,
    members: Members | None = None,
    reading: Options | None = None,
    whole: Whole = False,
    json: Json = False,
) -> None:
    """Evaluate a run: its metrics with 95 % intervals over examples, the scores of each class, confusions.

    Args:
        run: The folder of a run.
        data: A data set of the same classes and channels; by default that of the training.
        split: The split that is evaluated.
        worst: How many of the worst examples are drawn; 0 draws none.
        out: The folder for the pictures and scores.json; by default RUN/evaluation/DATA-SPLIT.
    """
    from netwright.prediction.evaluate import data_of, folder_of
    from netwright.prediction.evaluate import evaluate as score
    from netwright.slicing.loader import whole_files
    from netwright.training.result import Run

    known, chosen = Run.read(run), members or Members()
    loaded = data_of(known, data, (reading or Options()).load)
    folder = out or folder_of(known, loaded.name, split, _apart(chosen))
    with whole_files(whole), only_results(), _bar(loaded, split) as progress:
        scores = score(known, loaded, split, out=folder, worst=worst, progress=progress, **chosen.options())
    sys.stdout.write(dumps(scores.to_json(), indent=2) + "\n" if json else f"{scores}\n")


def _apart(members: Members) -> list[str]:
    """Return what tells evaluations of one split apart in the name of their folder."""
    names = sorted(str(other.resolve()) for other in members.others)
    apart = sha256("\n".join(names).encode()).hexdigest()[:8]
    several = [f"{members.combine}-of-{len(names) + 1}-{apart}"] if names else []
    return several + ["flips"] * members.flips + ["last"] * (members.which == "last")


@contextmanager
def _bar(data: "Data", split: str) -> Iterator[Callable[[float], None]]:
    """Yield what moves a bar over the examples of a split; it is shown on a terminal only."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("evaluating", total=len(getattr(data, split)))
        yield lambda done: bar.update(task, completed=done)
