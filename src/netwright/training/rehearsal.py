"""A training that is only planned: what it needs, and how long its steps take on this machine."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from torch import nn

from netwright.data.catalogue import choose
from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.design import capacity
from netwright.design.planning import Plan
from netwright.training import randomness
from netwright.training.fastest import fastest
from netwright.training.job import launch
from netwright.training.output import input_shape
from netwright.training.planned import filled, planned, unplanned
from netwright.training.preparation import Training, network
from netwright.training.presets import PLAIN
from netwright.training.recipe import Recipe
from netwright.training.timing import step_seconds


@dataclass(frozen=True)
class Rehearsal:
    """A plan, and the seconds of a step on this machine; `untimed` says why there are none.

    `steps` are those of the whole training. `recipe` has the patch and the batch of the plan, and what is
    fastest here of the options that were left open; `choice` says why.
    """

    plan: Plan
    steps: int
    seconds: float | None
    recipe: Recipe
    choice: str = ""
    untimed: str = ""

    def document(self) -> dict[str, Any]:
        """Return the plan and the times as plain values."""
        times = {
            "training_steps": self.steps,
            "step_seconds": self.seconds,
            "epoch_seconds": None if self.seconds is None else self.seconds * self.plan.steps,
            "untimed": self.untimed,
            "choice": self.choice,
            **{name: getattr(self.recipe, name) for name in PLAIN},
        }
        return self.plan.document() | times


def rehearse(
    net: nn.Module | str,
    data: Data,
    recipe: Recipe,
    task: Task | str | None = None,
    *,
    memory: int | str | None = None,
    spacing: tuple[float, ...] = (),
    timed: bool = True,
) -> Rehearsal:
    """Plan a training and take a few of its steps; nothing is written, and the network stays as it is.

    Args:
        net: A spec or a module.
        data: The data.
        recipe: How to train; what it says of patch and batch is not planned.
        task: What the network is for; by default the one that the targets of the data fit.
        memory: Bytes, or a text such as "8GiB"; by default 0.9 of what is free.
        spacing: Distance between positions along each axis; equal ones by default.
        timed: Whether steps are taken.

    Raises:
        DesignError: No patch fits, or the network takes none of the sizes.
    """
    if task is None or isinstance(task, str):
        task = choose(data, task, **recipe.task_options())
        recipe = recipe.changed(loss="auto", label_smoothing=0.0)  # the task has them
    with randomness.scoped():
        device = launch(recipe.device, recipe.plain().precision).device.type
        randomness.seed(recipe.seed)
        module = network(net, data, task, input_shape(data, recipe.patch))[1]
        made = planned(module, data, task, recipe, device, memory=memory, spacing=spacing)
        free = capacity.free(device)
        steps = recipe.steps or (recipe.epochs or 0) * made.steps
        if not timed or made.peak > free:
            left = f"{capacity.show(made.peak)} are needed, and {capacity.show(free)} are free here"
            plain = filled(recipe, made, data).plain()
            return Rehearsal(made, steps, None, plain, untimed=left if timed else "not asked for")
        chosen, choice = fastest(net, data, task, filled(recipe, made, data))
        training = Training()
        training.prepare(net if isinstance(net, str) else deepcopy(net), data, task, chosen)
        return Rehearsal(made, steps, step_seconds(training.job), chosen, choice)


def as_trained(recipe: Recipe, data: Data, task: Task | str | None) -> Recipe:
    """Return a recipe with the patch and the batch that a training takes without a plan, if it makes none."""
    if task is None or isinstance(task, str):
        task = choose(data, task, **recipe.task_options())
    if unplanned(recipe, task):
        return recipe
    resolved = recipe.resolved(data)
    dense = any(kind.dense for kind in task.needs.values())
    whole = data.input[1:] if dense else "auto"
    return recipe.changed(batch=resolved.batch, patch=resolved.patch or whole)
