"""`netwright compare`: designs over seeds, with a verdict for each pair and a page."""

import sys
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

from netwright.cli.options import Json
from netwright.cli.recipe import Changes, chosen
from netwright.errors import UsageError

if TYPE_CHECKING:
    from netwright.data.examples import Data
    from netwright.study.result import Study
    from netwright.training.recipe import Recipe


def compare(  # noqa: PLR0913  # each is a flag, and a command has no better place for them
    *specs: str,
    data: str,
    seeds: int = 3,
    out: Path | None = None,
    jobs: int | None = None,
    match: Literal["params", "macs"] | None = None,
    recipe: str = "standard",
    changes: Changes = None,
    limit: int | None = None,
    size: int | None = None,
    skip_bad: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
) -> int:
    """Compare designs fairly: the same seeds, examples, order and recipe, and a verdict for each pair.

    The same command goes on where a study was stopped; more designs and seeds may be added to it.

    Args:
        specs: The networks: resnet20, resnet(depth=56), net.py:Net(width=2), timm.models:resnet18.
        data: digits, cifar10, mnist, fashion_mnist, a data set of the hub, or a folder.
        seeds: Runs of each design.
        out: Folder of the study; by default one under studies/ that belongs to this data and recipe.
        jobs: Trainings at a time; by default one a core, or one on an accelerator.
        match: Fit the width, or an open depth, of every further design to the first one's cost, within 1 %.
        recipe: standard, he2015, course, or a JSON or TOML file.
        limit: Train on a stratified part of so many images.
        size: Resize the shorter side to this and crop the centre.
        skip_bad: Leave out and count images that cannot be read.
    """
    if not specs:
        raise UsageError(
            "no design is given; name them, as in: netwright compare plain20 resnet20 --data digits"
        )
    how = chosen(recipe, changes)
    from netwright.data.source import load
    from netwright.study.compare import compare as run_study
    from netwright.study.progress import Display

    loaded = load(data, limit=limit, size=size, skip_bad=skip_bad)
    if loaded.skipped:
        sys.stderr.write(f"left out {loaded.skipped} images that cannot be read\n")
    if match is not None:
        specs = _matched(specs, loaded, match)
    place = out or _place(loaded, how)
    try:
        with Display(Console(stderr=True)) as display:
            study = run_study(specs, loaded, how, seeds=seeds, out=place, jobs=jobs, listen=display)
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt("interrupted; the same command goes on from here") from error
    _show(study, json=json)
    return int(study.failed)


def _matched(specs: tuple[str, ...], data: "Data", by: Literal["params", "macs"]) -> tuple[str, ...]:
    """The first design, and the others at its budget."""
    from netwright.design.budget import fit

    first, *others = specs
    fits = [
        fit(spec, input=data.input, classes=len(data.classes), match=first, by=by).spec for spec in others
    ]
    for spec, fitted in zip(others, fits, strict=True):
        sys.stderr.write(f"{spec} at the {by} of {first}: {fitted}\n")
    return first, *fits


def _place(data: "Data", recipe: "Recipe") -> Path:
    """One folder for each question, so that the same command finds its study again."""
    question = sha256(f"{data.digest} {recipe.model_dump_json()}".encode()).hexdigest()[:8]
    name = "".join(letter if letter.isalnum() else "-" for letter in Path(data.name).name)
    return Path("studies", f"{name}-{question}")


def _show(study: "Study", *, json: bool) -> None:
    from netwright.study.table import table

    if json:
        sys.stdout.write(dumps(study.to_json(), indent=2, ensure_ascii=False) + "\n")
        return
    console = Console(highlight=False)
    console.print(table(study))
    console.print(f"\npage: {study.page}", markup=False, soft_wrap=True)
