"""A scheduler has more patience than the training has steps.

What. `ReduceLROnPlateau` is stepped at most `patience` + 1 times, so it never lowers the learning rate.

Why. The scheduler lowers the learning rate at the first step after more than `patience` steps without
improvement, and the first step only sets the reference (`torch/optim/lr_scheduler.py`). With the default
patience of 10, a training of 11 epochs or fewer runs at a constant learning rate although it looks scheduled.

Guard. The number of steps must be certain: every loop around the step runs over a literal `range`, and the
scheduler is certainly this one.

Instead. Use a patience well below the number of epochs, or a schedule of known length such as `OneCycleLR`.
"""

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from netwright.lint.calls import calls
from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import argument, flow, hides
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, LOOPS, Script

PLATEAU = "torch.optim.lr_scheduler.ReduceLROnPlateau"
DEFAULT = 10
POSITION = 3
DEEPEST = 5


def look(script: Script) -> Iterator[Remark]:
    """Report every plateau scheduler that takes too few steps to act."""
    for made in script.nodes(ast.Call):
        if script.called(made) != PLATEAU or hides(made):
            continue
        given = argument(made, "patience", POSITION)
        patience = DEFAULT if given is None else flow(script).literal(given)
        steps = _steps(script, made)
        if isinstance(patience, int) and steps is not None and 0 < steps <= patience + 1:
            yield Remark(
                script.at(made),
                f"patience {patience}{' (the default)' if given is None else ''} against {steps} steps: "
                "the learning rate never drops.",
                evidence={"patience": patience, "steps": steps},
                fix=Fix(f"use patience={max(1, steps // 4)}, or a schedule of known length"),
            )


def _steps(script: Script, made: ast.Call) -> int | None:
    """Return the total number of steps of the scheduler; None if it is not certain."""
    total = 0
    for call in script.nodes(ast.Call):
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "step":
            continue
        origins = flow(script).origins(call.func.value)
        if origins is None or not isinstance(call.func.value, ast.Name):
            if call.args:
                return None
            continue
        if made in origins:
            count = _times(script, call)
            if count is None:
                return None
            total += count
    return total


def _times(script: Script, node: ast.AST, depth: int = 0) -> int | None:
    """Return how often a node runs at most, from loops over literal ranges and calls of its function."""
    times = 1
    for above in script.above(node):
        if isinstance(above, LOOPS):
            length = _length(script, above)
            if length is None:
                return None
            times *= length
        if isinstance(above, (*FUNCTIONS, ast.Lambda)):
            runs = _runs(script, above, depth + 1)
            return None if runs is None else times * runs
    return times


@lru_cache(maxsize=256)
def _runs(script: Script, function: ast.AST, depth: int) -> int | None:
    """Return how often all calls of a function run together."""
    callers = calls(script).callers(function)
    if not callers or depth > DEEPEST:
        return None
    counts = [_times(script, call, depth) for call in callers]
    return None if None in counts else sum(count or 0 for count in counts)


def _length(script: Script, loop: ast.AST) -> int | None:
    match loop:
        case ast.For(iter=ast.Call(func=ast.Name(id="range"), args=[*bounds])):
            values: list[Any] = [flow(script).literal(bound) for bound in bounds]
            if all(isinstance(value, int) for value in values) and 0 < len(values) <= 3:
                return len(range(*values))
    return None


RULE = Rule("warning", "manual", script=look)
