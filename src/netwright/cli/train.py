"""`netwright train`: one training in one folder. Every option of a recipe is a flag."""

import sys
from contextlib import nullcontext
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console

from netwright.cli.check_data import before_training
from netwright.cli.data import Options
from netwright.cli.options import Json, Whole
from netwright.cli.recipe import Changes, chosen
from netwright.errors import UsageError

if TYPE_CHECKING:
    from netwright.data.examples import Data
    from netwright.training.recipe import Recipe
    from netwright.training.result import Run


def train(  # noqa: PLR0913  # each is a flag, and a command has no better place for them
    spec: str,
    *,
    data: str,
    out: Path | None = None,
    recipe: str = "standard",
    changes: Changes = None,
    resume: Annotated[bool, Parameter(negative="")] = False,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    log: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    reading: Options | None = None,
    whole: Whole = False,
    json: Json = False,
) -> None:
    """Train a network in a folder of its own; --resume continues a run that was stopped.

    Args:
        spec: The network: resnet20, resnet(depth=56), net.py:Net(width=2), timm.models:resnet18.
        data: digits, cifar10, mnist, fashion_mnist, a data set of the hub, or a folder.
        out: A new folder for the run; by default runs/SPEC-DATA-N with the next free number.
        recipe: standard, he2015, course, or a JSON or TOML file.
        resume: Continue from the last checkpoint in the folder, which --out names.
        dry_run: Only print the plan: patch, batch, memory, and how long a step takes on this machine.
        log: Also log to mlflow or trackio (pip install netwright[mlflow]), or to a listener of a plug-in.
    """
    if dry_run and resume:
        raise UsageError("`--dry-run` prints the plan of a new training, so it does not go with `--resume`.")
    options, reading = chosen(recipe, changes), reading or Options()
    from netwright.slicing.loader import whole_files
    from netwright.training.listener import Listener, first_process
    from netwright.training.progress import Progress
    from netwright.training.run import train as run_training

    shown = first_process()
    loaded, task = reading.load(data, quiet=not shown), reading.task or None
    if shown and not resume:
        before_training(loaded, reading)
    if dry_run:
        _rehearse(spec, loaded, options, task, whole=whole, json=json)
        return
    try:
        with whole_files(whole), Progress(Console(stderr=True)) if shown else nullcontext() as progress:
            listeners: list[str | Listener] = [*log, *([progress] if progress else [])]
            run = run_training(spec, loaded, options, out=out, task=task, resume=resume, listeners=listeners)
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(f"{error}; the same command with --resume continues it") from error
    if shown:
        _show(run, json=json)


def _rehearse(
    spec: str, data: "Data", recipe: "Recipe", task: str | None, *, whole: bool, json: bool
) -> None:
    """Print the plan of a training, as `netwright plan` does."""
    from netwright.cli.plan import show
    from netwright.slicing.loader import whole_files
    from netwright.training.rehearsal import as_trained, rehearse

    with whole_files(whole):
        made = rehearse(spec, data, as_trained(recipe, data, task), task)
    show(made, json=json)


def _show(run: "Run", *, json: bool) -> None:
    if json:
        facts = {
            "folder": str(run.folder),
            "spec": run.spec,
            "params": run.params,
            "seconds": run.seconds,
            "task": run.task.name if run.task else None,
            "monitor": run.monitor,
            "baseline": run.baseline.values,
            "best": run.best,
            "final": run.final,
        }
        sys.stdout.write(dumps(facts, indent=2) + "\n")
    else:
        sys.stdout.write(f"{run}\n")
