"""Which number format, memory layout and compiler train fastest here: a few steps of each are timed.

The arithmetic of a step takes nearly all of its time, and which kernel is fast depends on the processor: the
same format can be five times as fast on one and ten times as slow on another. So nothing is assumed; what is
tried runs the real network on real examples. No more than `SHARE` of the predicted training is spent on it,
so that a training of seconds tries nothing.
"""

import shutil
import sys
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from importlib.util import find_spec
from time import perf_counter
from typing import Any

import torch
from torch import nn

from netwright.analysis.macs import macs
from netwright.data.examples import Data, Split
from netwright.data.task import Task
from netwright.errors import USER_ERRORS, ShapeError
from netwright.training import randomness
from netwright.training.job import launch
from netwright.training.loader import batches
from netwright.training.output import input_shape
from netwright.training.preparation import Training, network
from netwright.training.presets import PLAIN
from netwright.training.recipe import Recipe
from netwright.training.timing import span, step_times
from netwright.training.windows import Windows

STEPS = 5
"""Timed steps of a candidate: one that warms up, and four."""
SHARE = 0.03
"""How much of the predicted time of the training may be spent."""
GAIN = 0.95
"""A candidate must take less than this share of the time of the best one before it."""
COMPILING = 60.0
"""Seconds that a compilation is expected to take, before it is tried."""
SHORT = 30.0
"""Nothing is tried for a training that takes fewer seconds at `RATE`."""
RATE = 5e10
"""Multiply-accumulates a second, about those of two cores."""
BACKWARD = 3
"""A step takes so many times the multiply-accumulates of its forward pass."""


@dataclass(frozen=True)
class Timed:
    """A recipe without anything open, and the seconds that it takes: to compile, for a step, and in all."""

    recipe: Recipe
    start: float
    step: float
    steps: int

    @property
    def seconds(self) -> float:
        """The predicted seconds of the whole training."""
        return self.start + self.step * self.steps


def way(recipe: Recipe) -> str:
    """Return number format, memory layout and compiler in words.

    >>> way(Recipe(precision="bf16-mixed", channels_last=True, compile=False))
    'bf16-mixed, channels last'
    """
    parts = {"channels last": recipe.channels_last, "compiled": recipe.compile}
    return ", ".join([recipe.precision, *(part for part, taken in parts.items() if taken)])


def left_open(recipe: Recipe) -> list[str]:
    """Return the options of a recipe that are settled by timing.

    >>> left_open(Recipe(precision="32-true", compile=False))
    ['channels_last']
    """
    return [name for name in PLAIN if getattr(recipe, name) == "auto"]


def fastest(net: nn.Module | str, data: Data, task: Task | str | None, recipe: Recipe) -> tuple[Recipe, str]:
    """Return a recipe with what it leaves open settled, and a line that says why; empty without a choice.

    Args:
        net: A spec or a module, which stays as it is.
        data: The data of the training.
        task: What the network is for.
        recipe: How to train.

    Raises:
        SpecError: The network does not fit the data or the task.
    """
    names, plain = left_open(recipe), recipe.plain()
    resolved = plain.resolved(data)
    steps = _steps(resolved, data)
    if not names or SHARE * steps < STEPS * 2 or _short(net, data, task, resolved, steps):
        return plain, ""
    begin, tried = perf_counter(), list(_tried(net, data, task, resolved, steps, names))
    best = min(tried, key=lambda each: each.seconds)
    chosen = recipe.changed(**{name: getattr(best.recipe, name) for name in names})
    return chosen, "" if len(tried) < 2 else _line(best, tried, perf_counter() - begin)


def _tried(
    net: nn.Module | str, data: Data, task: Task | str | None, plain: Recipe, steps: int, names: list[str]
) -> Iterator[Timed]:
    """Yield what was timed: first the plain recipe, then each option beside the best one so far."""
    some, begin = _some(data, plain), perf_counter()
    best = _timed(net, some, task, plain, steps)
    yield best
    budget, once = SHARE * best.seconds, perf_counter() - begin
    for changes, cost in _candidates(data, plain, names):
        if perf_counter() - begin + once + cost > budget:
            continue
        try:
            found = _timed(net, some, task, best.recipe.changed(**changes), steps)
        except USER_ERRORS:  # an operation of the network lacks this format, or the compiler fails
            continue
        yield found
        best = found if found.seconds < GAIN * best.seconds else best


def _candidates(data: Data, plain: Recipe, names: list[str]) -> Iterator[tuple[dict[str, Any], float]]:
    """Yield what this machine can do, as changes of a recipe, with the seconds that it costs to begin."""
    device = launch(plain.device, plain.precision).device.type
    if "precision" in names and has_bfloat16(device):
        yield {"precision": "bf16-mixed"}, 0.0
    if "channels_last" in names and len(data.input) == 3:
        yield {"channels_last": True}, 0.0
    if "compile" in names and can_compile(device):
        yield {"compile": True}, COMPILING


def has_bfloat16(device: str) -> bool:
    """Return whether a device multiplies numbers of the format bfloat16 in hardware."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    known = torch.cpu.get_capabilities()
    return device == "cpu" and any(known.get(name) for name in ("amx_bf16", "avx512_bf16", "arm_bf16"))


def can_compile(device: str) -> bool:
    """Return whether what `torch.compile` needs is installed."""
    if device == "cuda":
        return find_spec("triton") is not None
    return device == "cpu" and shutil.which("g++") is not None


def _timed(net: nn.Module | str, data: Data, task: Task | str | None, recipe: Recipe, steps: int) -> Timed:
    """Return how long a step takes; the quickest of a few, because other programs only slow steps down."""
    training = Training()
    if sys.stderr.isatty():  # a compilation takes a minute
        sys.stderr.write(f"timing a few steps: {way(recipe)}\n")
    with randomness.scoped():
        training.prepare(net if isinstance(net, str) else deepcopy(net), data, task, recipe)
        first, *others = step_times(training.job, STEPS)
    step = min(others, default=first)
    return Timed(recipe, max(0.0, first - step), step, steps)


def _steps(resolved: Recipe, data: Data) -> int:
    """Return the steps of a training."""
    if resolved.steps is not None:
        return resolved.steps
    assert isinstance(resolved.batch, int)
    assert resolved.patch != "auto"
    if resolved.patch is None:
        return (resolved.epochs or 0) * batches(len(data.train), resolved.batch)
    sides = [shape[1:] for shape in data.train.shapes]
    return (resolved.epochs or 0) * Windows(sides, resolved.patch, resolved.batch).batches


def _short(net: nn.Module | str, data: Data, task: Task | str | None, resolved: Recipe, steps: int) -> bool:
    """Return whether a training takes seconds, by its multiply-accumulates."""
    from netwright.data.catalogue import choose

    assert isinstance(resolved.batch, int)
    if isinstance(task, str | None):
        task = choose(data, task, **resolved.task_options())
    input = input_shape(data, resolved.patch)
    with randomness.scoped():
        module = network(net, data, task, input)[1]
    try:
        work = BACKWARD * macs(module, input) * resolved.batch * steps
    except (*USER_ERRORS, ShapeError):  # the training says what is wrong
        return True
    return work < SHORT * RATE


def _some(data: Data, resolved: Recipe) -> Data:
    """Return as many examples as the timed steps need."""
    assert isinstance(resolved.batch, int)
    train = _first(data.train, resolved.batch * STEPS)
    return replace(data, train=train, valid=_first(data.valid, 1), test=_first(data.test, 1))


def _first(split: Split, count: int) -> Split:
    targets = {kind: stack[:count] for kind, stack in split.targets.items()}
    return Split(split.inputs[:count], targets, split.groups[:count])


def _line(best: Timed, tried: list[Timed], spent: float) -> str:
    """Say what was chosen, beside the recipe that every machine can run."""
    plain = tried[0]
    cost = f"{len(tried)} ways were timed in {spent:.0f} s"
    if best is plain:
        return f"fastest here: {way(plain.recipe)}, {span(plain.step)} a step; {cost}"
    return (
        f"fastest here: {way(best.recipe)}, {span(best.step)} a step and about {span(best.seconds)} in all, "
        f"beside {span(plain.step)} and {span(plain.seconds)} with {way(plain.recipe)}; {cost}"
    )
