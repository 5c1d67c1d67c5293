"""`netwright check --data`: what was understood of a data set, and its faults."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import join
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.progress import track

from netwright.cli.data import MANY, ONE, Options
from netwright.cli.findings import Choice, Codes, View, say, show, split, sum_up, write
from netwright.cli.stdout import only_results

if TYPE_CHECKING:
    from netwright.data.examples import Data
    from netwright.data.kinds import Stack
    from netwright.data.reading import Reading
    from netwright.lint.finding import Finding
    from netwright.lint.survey.survey import Survey

MOST = 2**30
"""The most bytes of inputs that are checked before a training."""


@Parameter(name="*")
@dataclass(frozen=True)
class Dataset:
    """A data set, and how it is meant to be used."""

    data: str | None = None
    "Check a data set instead: digits, cifar10, a data set of the hub, or a folder."
    recipe: str | None = None
    "The recipe whose augmentations are meant: standard, he2015, course, or a JSON or TOML file."
    layout: Annotated[str, ONE] = ""
    "The layout of the folder, where several fit."
    task: Annotated[str, ONE] = ""
    "The task, where a layout has targets for several."
    classes: Annotated[tuple[str, ...], MANY] = ()
    "The names of the classes of masks, in the order of their values, or VALUE=NAME for each."
    group: Annotated[str, ONE] = ""
    "What stays together in one split: folder, none, or a regular expression."
    dims: Annotated[int | None, ONE] = None
    "2 reads stacks as images, 3 as volumes."
    max_pixels: Annotated[int | None, ONE] = None
    "The largest picture that is read; by default the limit of Pillow."
    augment: Codes = ()
    "An augmentation that is meant, such as flip; repeat the option. Without any, turns and flips are tried."

    def reading(self, ignore: Sequence[int]) -> "Reading":
        """Return how the files are to be read."""
        from netwright.data.reading import Reading

        classes = tuple(name.strip() for text in self.classes for name in text.split(","))
        return Reading(self.layout, self.task, classes, tuple(ignore), self.group, self.dims, self.max_pixels)


def check_data(dataset: Dataset, choice: Choice, view: View) -> int:
    """Check a data set; the first line says what was understood of it.

    Numbers among the codes of `--ignore` are values of masks that count for nothing.
    """
    from netwright.lint import baseline
    from netwright.lint.session import Session

    assert dataset.data is not None
    words = split(choice.ignore)
    codes, values = (
        [word for word in words if not word.isdecimal()],
        [int(word) for word in words if word.isdecimal()],
    )
    session = Session((), None, select=split(choice.select), ignore=codes, baseline=choice.baseline)
    text = view.form == "text" and not choice.write_baseline
    with only_results() as results:
        survey, refusal = _surveyed(dataset, values)

        def tell(findings: Sequence["Finding"]) -> None:
            with results():
                write(findings)

        if text:
            with results():
                sys.stdout.write(f"{survey.layout}\n")
        outcome = session.judge(survey, tell if text else None)
    if choice.write_baseline:
        count = baseline.save(outcome.findings, choice.write_baseline)
        say(f"{count} findings accepted in {choice.write_baseline}")
        return 0
    if text:
        sum_up(outcome)
    else:
        show(outcome, view)
    if refusal:
        say(f"error: {refusal}")
    return outcome.code or (2 if refusal else 0)


def _surveyed(dataset: Dataset, ignore: Sequence[int]) -> tuple["Survey", str]:
    """Return the survey of a data set, and why it cannot be trained on; empty: it can."""
    from dataclasses import replace

    from netwright.lint.survey.open import survey

    opened = survey(dataset.data or "", dataset.reading(ignore), progress)
    return replace(opened.survey, augment=_augment(dataset, opened.survey)), opened.refusal


def _augment(dataset: Dataset, survey: "Survey") -> tuple[Any, ...] | None:
    """Return the augmentations that are meant; None if neither a recipe nor an augmentation is given."""
    from netwright.data.augment import build
    from netwright.training.augmentation import natural
    from netwright.training.recipe import Recipe

    names = dataset.augment
    if dataset.recipe is not None and not names:
        from_file = dataset.recipe.endswith((".json", ".toml"))
        recipe = Recipe.read(Path(dataset.recipe)) if from_file else Recipe.preset(dataset.recipe)
        if recipe.augment == "auto":
            return natural(survey, survey.input)
        return recipe.augment
    if names and survey.input:
        build(names, input=survey.input)  # refuses an unknown name, as a training does
    return tuple(names) or None


def before_training(data: "Data", reading: Options) -> None:
    """Print what the rules that read nothing twice say about data in memory, on standard error.

    Data of more than a gibibyte are left to `netwright check`, as are the names of the files.
    """
    from netwright.lint.catalogue import rules
    from netwright.lint.run import examine
    from netwright.lint.survey.survey import of_data

    if sum(_bytes(split.inputs) for split in (data.train, data.valid, data.test)) > MOST:
        return
    survey = of_data(data, progress, again=False)
    findings = examine(survey, {code: rule for code, rule in rules().items() if rule.data})
    for finding in findings:
        say(str(finding))
    if findings:
        say(f"`{join(['netwright', 'check', '--data', data.name, *reading.flags()])}` names the files.")


def _bytes(inputs: "Stack") -> int:
    from torch import Tensor

    return inputs.nbytes if isinstance(inputs, Tensor) else sum(example.nbytes for example in inputs)


def progress(title: str, items: Iterable[int], count: int) -> Iterable[int]:
    """Return the items; if standard error is a terminal, show a progress bar."""
    console = Console(stderr=True)
    if not console.is_terminal:
        return items
    return track(items, f"reading {title}", total=count, console=console, transient=True)
