"""One number format, memory layout and compiler for a whole study, so that its designs stay comparable."""

import sys
from collections.abc import Mapping, Sequence

from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.study import machine
from netwright.study.arm import Design
from netwright.study.candidate import Candidate
from netwright.study.result import Study
from netwright.training.fastest import fastest, left_open
from netwright.training.output import input_shape
from netwright.training.presets import PLAIN
from netwright.training.recipe import Recipe


def settled(
    recipes: Mapping[str, Recipe],
    known: Study | None,
    chosen: Sequence[tuple[Candidate, Design]],
    data: Data,
    task: Task,
) -> dict[str, Recipe]:
    """Return the recipes with what they leave open settled once for all designs and recipes.

    A study that goes on keeps what it has. A new one times the most expensive design with the first recipe
    that leaves something open, and with the threads that a run of the study has. All options that any recipe
    leaves open are tried there.

    Args:
        recipes: The recipes by name.
        known: The study in the folder, if there is one.
        chosen: The designs.
        data: The data.
        task: What the designs are for.
    """
    open_ones = [recipe for recipe in recipes.values() if left_open(recipe)]
    if not open_ones:
        return dict(recipes)
    every = {option: "auto" for recipe in open_ones for option in left_open(recipe)}
    values = _kept(known, recipes) or _timed(open_ones[0].changed(**every), chosen, data, task)
    return {
        name: recipe.changed(**{option: values[option] for option in left_open(recipe)})
        for name, recipe in recipes.items()
    }


def _kept(known: Study | None, recipes: Mapping[str, Recipe]) -> dict[str, object]:
    """Return what a study has settled before: what its recipes have where these leave an option open.

    A recipe that has been renamed is not among them; then its first recipe tells.
    """
    if known is None:
        return {}
    first = next(iter(known.recipes.values()))
    kept: dict[str, object] = {option: first.get(option, value) for option, value in PLAIN.items()}
    for name, recipe in recipes.items():
        stored = known.recipes.get(name, {})
        kept |= {option: stored[option] for option in left_open(recipe) if option in stored}
    return kept


def _timed(
    recipe: Recipe, chosen: Sequence[tuple[Candidate, Design]], data: Data, task: Task
) -> dict[str, object]:
    """Return what is fastest for the most expensive design."""
    candidate, _ = max(chosen, key=lambda pair: pair[1].macs or 0)
    built = candidate.source
    if not isinstance(built, str):
        built = candidate.build(input_shape(data, recipe.patch), task.outputs(data))
    own = recipe.changed(loss="auto", label_smoothing=0.0)  # the task has them
    with machine.limited(machine.threads()):
        best, reason = fastest(built, data, task, own)
    if reason:
        sys.stderr.write(f"{candidate.name}: {reason}\n")
    return {option: getattr(best, option) for option in PLAIN}
