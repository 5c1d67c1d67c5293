"""`netwright compare`: designs and recipes over seeds, with a verdict for each pair and a page."""

import sys
from itertools import product
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console

from netwright.cli.data import Options
from netwright.cli.options import Json, Whole
from netwright.cli.recipe import Changes, chosen
from netwright.errors import UsageError
from netwright.training.recipe import Recipe

if TYPE_CHECKING:
    from netwright.data.examples import Data
    from netwright.study.result import Study
    from netwright.training.listener import Listener

Several = Annotated[list[str] | None, Parameter(negative="")]


def compare(  # noqa: PLR0913  # each is a flag, and a command has no better place for them
    *specs: str,
    data: str,
    seeds: int = 3,
    out: Path | None = None,
    jobs: int | None = None,
    match: Literal["params", "macs"] | None = None,
    recipe: Several = None,
    vary: Several = None,
    changes: Changes = None,
    log: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    reading: Options | None = None,
    whole: Whole = False,
    json: Json = False,
) -> int:
    """Compare designs and recipes fairly: the same seeds, examples and order, and a verdict for each pair.

    A pair differs either in its design or in its recipe. The same command continues a study that was stopped;
    designs, recipes and seeds may be added to a study.

    Args:
        specs: The networks: resnet20, resnet(depth=56), net.py:Net(width=2), timm.models:resnet18.
        data: digits, cifar10, mnist, fashion_mnist, a data set of the hub, or a folder.
        seeds: Runs of each design with each recipe.
        out: Folder of the study; by default one under studies/ that belongs to the data and the first recipe.
        jobs: Trainings at a time; by default one for each core, or one on an accelerator.
        match: Fit the width, or an open depth, of every further design to the cost of the first, within 1 %.
        recipe: standard, he2015, course, or a JSON or TOML file; repeat it to compare recipes.
        vary: Compare the values of an option of the recipe, as in --vary lr=0.05,0.1. Repeat it for every
            combination with another option; join the items of a list by +, as in augment=crop,crop+flip.
        log: Also log every run to mlflow or trackio (pip install netwright[mlflow]), or to a plug-in.
    """
    if not specs:
        raise UsageError(
            "no design is given; name the designs, as in: netwright compare plain20 resnet20 --data digits"
        )
    recipes = _recipes(recipe or ["standard"], changes, vary or [])
    from netwright.slicing.loader import whole_files
    from netwright.study.compare import compare as run_study
    from netwright.study.progress import Display

    reading = reading or Options()
    loaded, task = reading.load(data), reading.task or None
    try:
        with whole_files(whole):
            if match:
                specs = _matched(specs, loaded, next(iter(recipes.values())), task, match)
            with Display(Console(stderr=True)) as display:
                loggers: list[str | Listener] = [*log, display]
                study = run_study(
                    specs, loaded, recipes, task=task, seeds=seeds, out=out, jobs=jobs, listeners=loggers
                )
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt("interrupted; the same command continues the study") from error
    _show(study, json=json)
    return int(study.failed)


def _recipes(texts: list[str], changes: Changes, vary: list[str]) -> dict[str, Recipe]:
    """Return every recipe with every combination of the values to vary, by a name made of what differs.

    Raises:
        UsageError: a recipe is given twice, or `--vary` cannot be read or contradicts another option.
    """
    if len(set(texts)) < len(texts):
        raise UsageError(f"--recipe (={', '.join(texts)}) is given twice; each recipe is compared once.")
    axes = [_axis(text) for text in vary]
    names = [name for name, _ in axes]
    for name in names:
        if names.count(name) > 1 or name in (changes or {}):
            raise UsageError(f"`{name}` is given twice; give all its values in one --vary {name}=…")
    recipes = {}
    for text in texts:
        base = chosen(text, changes)
        for values in product(*(values for _, values in axes)):
            settings = dict(zip(names, values, strict=True))
            words = [text] * (len(texts) > 1 or not vary)
            words += [f"{name}={value}" for name, value in settings.items()]
            changed = {name: _value(name, value) for name, value in settings.items()}
            recipes[" ".join(words)] = base.changed(**changed)
    return recipes


def _axis(text: str) -> tuple[str, list[str]]:
    """Split `lr=0.05,0.1` into the name of an option and the texts of its values."""
    name, _, values = text.partition("=")
    parts = [part.strip() for part in values.split(",")]
    if not name or not all(parts) or len(set(parts)) < len(parts):
        raise UsageError(f"--vary (={text!r}) must name an option and different values, as in lr=0.05,0.1.")
    return name.strip().replace("-", "_"), parts


def _value(name: str, text: str) -> Any:
    """Return the value that a text stands for; the recipe itself reads numbers."""
    field = Recipe.model_fields.get(name)
    if text == "none":
        return None
    if field is not None and "tuple" in str(field.annotation) and text != "auto":
        return tuple(part for part in text.split("+") if part)
    return text


def _matched(
    specs: tuple[str, ...], data: "Data", recipe: Recipe, task: str | None, by: Literal["params", "macs"]
) -> tuple[str, ...]:
    """Return the first design, and the others fitted to its budget."""
    from netwright.data.catalogue import choose
    from netwright.design.budget import fit
    from netwright.training.output import input_shape

    first, *others = specs
    input, outputs = input_shape(data, recipe.patch), choose(data, task).outputs(data)
    fits = [fit(spec, input=input, classes=outputs, match=first, by=by).spec for spec in others]
    for spec, fitted in zip(others, fits, strict=True):
        sys.stderr.write(f"{spec} at the {by} of {first}: {fitted}\n")
    return first, *fits


def _show(study: "Study", *, json: bool) -> None:
    from netwright.study.table import table

    if json:
        sys.stdout.write(dumps(study.to_json(), indent=2, ensure_ascii=False) + "\n")
        return
    console = Console(highlight=False)
    console.print(table(study))
    console.print(f"\npage: {study.page}", markup=False, soft_wrap=True)
