"""`netwright plan`: the largest patch and batch that fit into memory, and how long training takes here."""

import sys
from json import dumps
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from netwright.cli.data import Options
from netwright.cli.options import Json, Whole
from netwright.cli.recipe import Changes, chosen

if TYPE_CHECKING:
    from netwright.design.planning import Plan
    from netwright.training.rehearsal import Rehearsal


def plan(  # noqa: PLR0913  # each is a flag, and a command has no better place for them
    spec: str,
    *,
    data: str,
    memory: str | None = None,
    spacing: tuple[float, ...] = (),
    recipe: str = "standard",
    changes: Changes = None,
    time: Annotated[bool, Parameter(negative="--no-time")] = True,
    reading: Options | None = None,
    whole: Whole = False,
    json: Json = False,
) -> int:
    """Find the largest patch and batch that fit into memory, and measure how long a step takes here.

    Args:
        spec: The network: unet_same(width=16), net.py:Net(width=2), timm.models:resnet18.
        data: digits, cifar10, mnist, fashion_mnist, a data set of the hub, or a folder.
        memory: What the training may take: 8GiB, 512MiB, 24GB; by default 0.9 of what is free.
        spacing: Distance between positions along each axis, as in --spacing 5 1 1; equal ones by default.
        recipe: standard, he2015, course, or a JSON or TOML file.
        time: Take a few steps and measure them.
    """
    options, reading = chosen(recipe, changes), reading or Options()
    from netwright.slicing.loader import whole_files
    from netwright.training.rehearsal import rehearse

    loaded, task = reading.load(data), reading.task or None
    with whole_files(whole):
        made = rehearse(spec, loaded, options, task, memory=memory, spacing=spacing, timed=time)
    show(made, json=json)
    return 0 if made.plan.fits else 1


def show(made: "Rehearsal", *, json: bool) -> None:
    """Print a plan: a line and a reason for each choice, or JSON."""
    if json:
        sys.stdout.write(dumps(made.document(), indent=2) + "\n")
        return
    from netwright.arithmetic.shape import show as as_text

    plan = made.plan
    patch = "whole" if plan.patch is None else as_text(plan.patch)
    rows = [
        ("patch", patch, plan.reasons["patch"]),
        ("batch", str(plan.batch), plan.reasons["batch"]),
        *_memory(plan),
        ("steps", f"{plan.steps} an epoch", f"{made.steps} in all, as the recipe says"),
        _time(made),
        *([("fastest", made.recipe.precision, made.choice)] if made.choice else []),
        *(("warning", warning, "") for warning in plan.warnings),
    ]
    for name, value, reason in rows:
        sys.stdout.write(f"{name:8} {value:22} {reason}".rstrip() + "\n")


def _memory(plan: "Plan") -> list[tuple[str, str, str]]:
    """Return the rows of the budget, the peak and its parts."""
    from netwright.design import capacity

    parts = [(name, size) for name, size in plan.parts.items() if size]
    return [
        ("budget", capacity.show(plan.budget), plan.reasons["memory"]),
        ("peak", capacity.show(plan.peak), plan.reasons["peak"]),
        *(("", capacity.show(size), name) for name, size in parts),
    ]


def _time(made: "Rehearsal") -> tuple[str, str, str]:
    if made.seconds is None:
        return "time", "not measured", made.untimed
    from netwright.training.timing import span

    epoch = made.seconds * made.plan.steps
    return "time", f"{span(made.seconds)} a step", f"{span(epoch)} an epoch, measured on this machine"
