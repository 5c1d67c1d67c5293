"""The plan of a training, from its recipe; and whether the first steps took the memory that it says."""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import nn

from netwright import durable
from netwright.arithmetic.shape import show
from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.design import capacity
from netwright.design.planning import Plan, plan
from netwright.design.trials import Setup
from netwright.training import optimizer
from netwright.training.folder import Folder
from netwright.training.job import settings
from netwright.training.listener import Started, StepDone
from netwright.training.recipe import Recipe

PLAN = "plan.json"
PLANNED = ("patch", "batch")
"""The options of a recipe that a plan fills."""
COMPILED = (
    "torch.compile makes another step of it: the peak is that of eager execution, so measure what the first "
    "steps take"
)
SECOND = 2
"""The step after which the peak is measured: the optimizer makes its state in the first."""


def planned(
    net: nn.Module,
    data: Data,
    task: Task,
    recipe: Recipe,
    device: str,
    *,
    memory: int | str | None = None,
    spacing: tuple[float, ...] = (),
) -> Plan:
    """Return the plan of a training with `recipe`, whose patch and batch stay where they are given.

    Args:
        net: The network.
        data: The data.
        task: What the network is for.
        recipe: How to train.
        device: The type of the device: "cpu", "cuda" or "mps".
        memory: Bytes, or a text such as "8GiB"; by default 0.9 of what is free.
        spacing: Distance between positions along each axis; equal ones by default.

    Raises:
        DesignError: No patch fits, or the network takes none of the sizes.
    """
    recipe = recipe.plain()
    setup = Setup(
        partial(_optimizer, recipe),
        recipe.precision,
        recipe.ema_decay is not None,
        device,
        (spacing,) if spacing else (),
    )
    patch = recipe.patch if isinstance(recipe.patch, tuple) else None
    batch = None if recipe.batch == "auto" else recipe.batch
    made = plan(net, data, task, memory=memory, patch=patch, batch=batch, setup=setup)
    return replace(made, warnings=(*made.warnings, COMPILED)) if recipe.compile else made


def _optimizer(recipe: Recipe, net: nn.Module) -> torch.optim.Optimizer:
    return optimizer.chosen(recipe.optimizer)(net, settings(recipe))


def kept(recipe: Recipe, path: Path, names: Iterable[str]) -> Recipe | None:
    """Return a recipe with these options of the run in a folder; None where there is no run yet."""
    folder = Folder(path)
    if folder.empty:
        return None
    resolved = folder.about()["resolved"]
    return recipe.changed(**{name: resolved[name] for name in names})


def unplanned(recipe: Recipe, task: Task) -> bool:
    """Return whether patch and batch are planned: neither is given, and every position has a target."""
    dense = any(kind.dense for kind in task.needs.values())
    return dense and recipe.patch == "auto" and recipe.batch == "auto"


def filled(recipe: Recipe, made: Plan, data: Data) -> Recipe:
    """Return a recipe with patch and batch of a plan; inputs of the size of the patch are taken whole."""
    whole = made.patch is None or (data.uniform and made.patch == data.input[1:])
    return recipe.changed(patch=None if whole else made.patch, batch=made.batch)


def peak_of(device: torch.device) -> Callable[[], int] | None:
    """Return what measures the peak since the start of the process; None where the device does not count."""
    return partial(torch.cuda.max_memory_allocated, device) if device.type == "cuda" else None


class Comparison:
    """A listener that writes `plan.json` and compares the plan with the memory that the first steps took.

    Args:
        made: The plan.
        measure: Returns the peak in bytes; without it nothing is compared.
    """

    def __init__(self, made: Plan, measure: Callable[[], int] | None):
        self.made, self.measure = made, measure

    def __call__(self, event: object) -> None:
        """Write the plan when training starts, and the measured peak after the second step."""
        if isinstance(event, Started):
            self.path = event.folder / PLAN
            self._write(self.made.document())
            sys.stderr.write(f"{said(self.made)}\n")
        if isinstance(event, StepDone) and self.measure is not None and event.step >= SECOND:
            peak, self.measure = self.measure(), None
            self._write(self.made.document() | {"measured": peak})
            sys.stderr.write(f"{compared(self.made, peak)}\n")

    def _write(self, document: dict[str, object]) -> None:
        durable.replace(self.path, (json.dumps(document, indent=2) + "\n").encode())


def said(made: Plan) -> str:
    """Return a plan in a line.

    >>> said(Plan((64, 64), 4, 20, 2**30, 2**28, {}, "fake", {}, ()))
    'planned: patches of 64x64, batches of 4, 256.00 MiB of 1.00 GiB'
    """
    patch = "whole inputs" if made.patch is None else f"patches of {show(made.patch)}"
    needed, budget = capacity.show(made.peak), capacity.show(made.budget)
    return f"planned: {patch}, batches of {made.batch}, {needed} of {budget}"


def compared(made: Plan, peak: int) -> str:
    """Return in a line how a measured peak compares with that of a plan."""
    share = 100 * (peak - made.peak) / made.peak
    taken, expected = capacity.show(peak), capacity.show(made.peak)
    return f"memory: {taken} at the peak of the first steps, {expected} were planned ({share:+.1f} %)"
