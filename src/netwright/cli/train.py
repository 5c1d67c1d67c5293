"""`netwright train`: one training in one folder. Every option of a recipe is a flag."""

import sys
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from netwright.cli.options import Json
from netwright.cli.recipe import Changes, chosen

if TYPE_CHECKING:
    from netwright.training.run import Run


def train(  # noqa: PLR0913  # each is a flag, and a command has no better place for them
    spec: str,
    *,
    data: str,
    out: Path,
    recipe: str = "standard",
    changes: Changes = None,
    resume: bool = False,
    limit: int | None = None,
    size: int | None = None,
    skip_bad: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
) -> None:
    """Train a network in a folder of its own; --resume goes on where it was stopped.

    Args:
        spec: The network: resnet20, resnet(depth=56), net.py:Net(width=2), timm.models:resnet18.
        data: digits, cifar10, mnist, fashion_mnist, a data set of the hub, or a folder.
        out: A new folder for the run.
        recipe: standard, he2015, course, or a JSON or TOML file.
        resume: Go on from the last checkpoint in the folder.
        limit: Train on a stratified part of so many images.
        size: Resize the shorter side to this and crop the centre.
        skip_bad: Leave out and count images that cannot be read.
    """
    how = chosen(recipe, changes)
    from netwright.data.source import load
    from netwright.training.progress import Progress
    from netwright.training.run import train as run_training

    loaded = load(data, limit=limit, size=size, skip_bad=skip_bad)
    if loaded.skipped:
        sys.stderr.write(f"left out {loaded.skipped} images that cannot be read\n")
    try:
        with Progress(Console(stderr=True)) as progress:
            run = run_training(spec, loaded, how, out=out, resume=resume, listen=progress)
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(f"{error}; the same command with --resume goes on") from error
    _show(run, json=json)


def _show(run: "Run", *, json: bool) -> None:
    import os

    if os.environ.get("RANK", "0") != "0":
        return
    facts = {"folder": str(run.folder), "spec": run.spec, "params": run.params, "seconds": run.seconds}
    if json:
        sys.stdout.write(dumps(facts | {"best": run.best, "final": run.final}, indent=2) + "\n")
        return
    assert run.best is not None
    assert run.final is not None
    table = Table(
        box=None, title=f"{run.spec}: {run.params:,} parameters, {run.seconds:.1f} s in {run.folder}"
    )
    for column in ("epoch", "", "train", "valid", "test"):
        table.add_column(column, justify="right")
    for name, row in (("best by validation", run.best), ("last", run.final)):
        for value in row["valid"]:
            cells = [f"{row[part][value]:.4f}" for part in ("train", "valid", "test")]
            table.add_row(f"{row['epoch']} ({name})", value, *cells)
    Console().print(table)
