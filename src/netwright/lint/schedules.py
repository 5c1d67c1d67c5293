"""The schedules of learning rates in a script, and where they step."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from netwright.lint.flow import argument, flow
from netwright.lint.script import LOOPS, Script

HOME = "torch.optim.lr_scheduler."
SPANS = {
    "CosineAnnealingLR": ("T_max", 1),
    "CosineAnnealingWarmRestarts": ("T_0", 1),
    "PolynomialLR": ("total_iters", 1),
}
"""The argument that says how many steps a schedule takes until its end, with its position."""
BATCHES = 1000
GONE = 1e-6


@dataclass(frozen=True, eq=False)
class ScheduleStep:
    """A call of `step()` without arguments, and the call that made the schedule."""

    call: ast.Call
    made: ast.Call


@lru_cache(maxsize=8)
def schedule_steps(script: Script) -> list[ScheduleStep]:
    """Return every step of a schedule of torch, in the order of the file."""
    steps = []
    for call in script.nodes(ast.Call):
        match call:
            case ast.Call(func=ast.Attribute(value=schedule, attr="step"), args=[], keywords=[]):
                origins = _origins(script, schedule)
                if origins and all(script.called(origin).startswith(HOME) for origin in origins):
                    steps += [
                        ScheduleStep(call, origin) for origin in origins if isinstance(origin, ast.Call)
                    ]
    return sorted(steps, key=lambda step: step.call.lineno)


def _origins(script: Script, schedule: ast.expr) -> list[ast.AST]:
    """Return what a name or an attribute of `self` is certainly made by; an empty list if that is unknown."""
    values: list[ast.AST] = [schedule]
    if isinstance(schedule, ast.Attribute):
        name = ast.unparse(schedule)
        values = [
            node.value
            for node in script.nodes(ast.Assign)
            if any(ast.unparse(target) == name for target in node.targets)
        ]
    origins = [flow(script).origins(value) for value in values]
    return [] if None in origins else [origin for every in origins for origin in every or ()]


def name_of(script: Script, made: ast.Call) -> str:
    """Return the name of the class of a schedule."""
    return script.called(made).removeprefix(HOME)


def span(script: Script, made: ast.Call) -> ast.expr | None:
    """Return the number of steps that a schedule is made for; of milestones, the last one."""
    name = name_of(script, made)
    if name == "MultiStepLR":
        milestones = argument(made, "milestones", 1)
        last = (
            milestones.elts[-1] if isinstance(milestones, ast.List | ast.Tuple) and milestones.elts else None
        )
        return last if isinstance(last, ast.Constant) else None
    return argument(made, *SPANS[name]) if name in SPANS else None


def rate_left(script: Script, made: ast.Call) -> float | None:
    """Return the share of the rate that a decay leaves after a thousand steps; None if it is not known."""
    name = name_of(script, made)
    if name not in ("StepLR", "ExponentialLR"):
        return None
    gamma = argument(made, "gamma", 2 if name == "StepLR" else 1)
    size = argument(made, "step_size", 1) if name == "StepLR" else None
    factor = 0.1 if gamma is None and name == "StepLR" else flow(script).literal(gamma)
    steps = 1 if name == "ExponentialLR" else flow(script).literal(size)
    if isinstance(factor, int | float) and isinstance(steps, int) and steps > 0:
        return float(factor) ** (BATCHES // steps)
    return None


def rounds(loop: ast.AST) -> Iterator[ast.expr]:
    """Yield the bound of a loop over a range, also inside a progress bar; of `n + 1`, also `n`."""
    if not isinstance(loop, ast.For | ast.AsyncFor):
        return
    for node in ast.walk(loop.iter):
        match node:
            case ast.Call(func=ast.Name(id="range" | "trange"), args=[bound] | [_, bound] | [_, bound, _]):
                yield bound
                if isinstance(bound, ast.BinOp) and isinstance(bound.op, ast.Add):
                    yield bound.left


def over_data(loop: ast.AST) -> bool:
    """Return True for a loop that goes over something else than numbers."""
    return isinstance(loop, LOOPS) and isinstance(loop, ast.For) and not list(rounds(loop))
