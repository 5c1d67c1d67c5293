"""`netwright evaluate`: metrics of a run with intervals, scores of classes, and the worst examples."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress

from netwright.cli.data import Options
from netwright.cli.options import Json, Whole
from netwright.cli.stdout import only_results

if TYPE_CHECKING:
    from netwright.data.examples import Data


def evaluate(  # noqa: PLR0913  # each is a flag, and a command has no better place for them
    run: Path,
    *,
    data: str | None = None,
    split: Literal["train", "valid", "test"] = "test",
    others: Annotated[tuple[Path, ...], Parameter(name="--with", negative="", consume_multiple=True)] = (),
    combine: Literal["mean", "vote", "maximum"] = "mean",
    flips: Annotated[bool, Parameter(negative="")] = False,
    which: Literal["best", "last"] = "best",
    net: str | None = None,
    worst: int = 8,
    out: Path | None = None,
    trust: Annotated[bool, Parameter(negative="")] = False,
    reading: Options | None = None,
    whole: Whole = False,
    json: Json = False,
) -> None:
    """Evaluate a run: its metrics with 95 % intervals over examples, the scores of each class, confusions.

    Args:
        run: The folder of a run.
        data: A data set of the same classes and channels; by default that of the training.
        split: The split that is evaluated.
        others: Folders of further runs, whose outputs are combined with those of the run.
        combine: How the outputs of several runs are combined.
        flips: Average the outputs over reflections, of the axes that the training flipped.
        which: The weights of the runs: those of the best epoch, or of the last one.
        net: The network of a run that trained a module of yours, such as net.py:Net.
        worst: How many of the worst examples are drawn; 0 draws none.
        out: The folder for the pictures and scores.json; by default RUN/evaluation/DATA-SPLIT.
        trust: Build the networks that the folders of runs name, whatever code they run.
    """
    from netwright.predict.evaluate import data_of, folder_of
    from netwright.predict.evaluate import evaluate as score
    from netwright.slicing.loader import whole_files
    from netwright.training.result import Run

    known = Run.read(run)
    loaded = data_of(known, data, (reading or Options()).load)
    more = [*([f"{combine}-of-{len(others) + 1}"] if others else []), *(["flips"] if flips else [])]
    more += ["last"] if which == "last" else []
    folder = out or folder_of(known, loaded.name, split, more)
    with whole_files(whole), only_results(), _bar(loaded, split) as progress:
        scores = score(
            known, loaded, split, others=others, combine=combine, flips=flips, which=which, net=net,
            trust=trust, out=folder, worst=worst, progress=progress,
        )  # fmt: skip
    sys.stdout.write(dumps(scores.to_json(), indent=2) + "\n" if json else f"{scores}\n")


@contextmanager
def _bar(data: "Data", split: str) -> Iterator[Callable[[float], None]]:
    """Yield what moves a bar over the examples of a split; it is shown on a terminal only."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("evaluating", total=len(getattr(data, split)))
        yield lambda done: bar.update(task, completed=done)
