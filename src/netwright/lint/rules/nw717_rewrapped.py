"""A call of the training stands in the wrong order: wrapping, clipping or scheduling.

What. A network is moved, converted or wrapped again after `DistributedDataParallel`, or compiled twice; the
gradients are clipped before the backward pass or after the step; a schedule steps before its optimizer, or
counts epochs and steps after every batch.

Why. `DistributedDataParallel` hooks into the gradients that the parameters have when it wraps the network. A
move to another device or type replaces what it hooked into: the hooks never run again, and every process
trains alone, without a message. Wrapped twice, the gradients are exchanged twice, and the names in the
checkpoint begin with `module.module.`. Gradients that are clipped before `backward()` are those of the round
before or none, and after `step()` they are used up, so either way nothing is clipped. A schedule that steps
first skips the first value of the rate (PyTorch warns since 1.1). A schedule made for 30 epochs that steps
after every batch ends after 30 batches.

Guard. The order must be certain: what runs under a condition of its own, or inside a function of another
file, is not judged. A move that also stands before the wrapping changes nothing, and another one after a
move to a device is an info, because it rarely does. `DataParallel` and `torch.compile` allow moves, and a
compiled network may be wrapped. Loops that start with the step for the
gradients of the round before are correct. A schedule is judged only if the line that makes it is known.

Instead.

    model = DistributedDataParallel(model.to(device))
    for epoch in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        scheduler.step()
"""

import ast
from collections.abc import Iterator

from netwright.lint.calls import calls
from netwright.lint.finding import Fix, Remark, Severity
from netwright.lint.flow import flow
from netwright.lint.loops import Loop, enclosing_loop, stepped
from netwright.lint.modules import is_optimizer, last_name
from netwright.lint.order import branches, events, regions, steps_within
from netwright.lint.rule import Rule
from netwright.lint.schedules import (
    BATCHES,
    GONE,
    ScheduleStep,
    name_of,
    over_data,
    rate_left,
    rounds,
    schedule_steps,
    span,
)
from netwright.lint.script import LOOPS, Script
from netwright.lint.wrappers import Misuse, misuses

CLIPS = {"clip_grad_norm_", "clip_grad_value_", "clip_grad_norm"}
USED = ("step", "clear")
"""What may have happened to gradients that it is too late to clip."""


def look(script: Script) -> Iterator[Remark]:
    """Report wrappings, clippings and schedules in the wrong order."""
    yield from (_wrapped(script, misuse) for misuse in misuses(script))
    yield from _clips(script)
    for step in schedule_steps(script):
        yield from _early(script, step)
        yield from _per_batch(script, step)


def _wrapped(script: Script, misuse: Misuse) -> Remark:
    wrapping = misuse.wrapping
    wrapper = wrapping.name.rpartition(".")[2]
    again = misuse.call is wrapping.call
    done = {"wraps": "is wrapped again", "moves": "is moved", "converts": "is converted"}[misuse.what]
    effect = ", and a new device or type ends the exchange of its gradients" if misuse.what == "moves" else ""
    severity: Severity = "info" if misuse.idle else "warning"
    name = wrapping.target or script.segment(wrapping.call.args[0])
    where = "in every round of the loop" if again else f"after `{wrapper}` on line {wrapping.call.lineno}"
    return Remark(
        script.at(misuse.call),
        f"`{name}` {done} {where}{effect}.",
        evidence={"wrapped": wrapping.call.lineno, "wrapper": wrapper},
        fix=Fix(
            f"call {wrapper} once" if misuse.what == "wraps" else f"do so before {wrapper} wraps the network"
        ),
        severity=severity,
    )


def _clips(script: Script) -> Iterator[Remark]:
    for clip in script.nodes(ast.Call):
        if last_name(clip.func) not in CLIPS:
            continue
        for region in regions(script, clip):
            around = events(script, region)
            if any(event.kind == "backward" for event in around):
                yield from _clip(script, clip, region)
                break


def _clip(script: Script, clip: ast.Call, region: ast.AST) -> Iterator[Remark]:
    """Report a clipping whose neighbours in the round are a step or a clearing, and then a backward pass."""
    around = events(script, region)
    nodes = calls(script).nodes(region)
    place = nodes.index(clip)
    earlier = [event for event in around if nodes.index(event.call) < place]
    before = (earlier or around)[-1]
    after = around[len(earlier)] if len(earlier) < len(around) else around[0]
    certain = branches(script, clip, region)
    if before.kind not in USED or after.kind not in ("backward", "clear"):
        return
    if not all(branches(script, event.call, region) <= certain for event in (before, after)):
        return
    late = bool(earlier) and before.kind == "step"
    other = before.call if late else next(event.call for event in around if event.kind == "backward")
    text = script.segment(clip.func)
    yield Remark(
        script.at(clip),
        f"`{text}` clips the gradients "
        + (
            f"after the step on line {other.lineno} has used them."
            if late
            else f"before the backward pass on line {other.lineno} has computed them."
        ),
        evidence={"other": other.lineno},
        fix=Fix(f"call {text} between backward() and the step"),
    )


def _early(script: Script, step: ScheduleStep) -> Iterator[Remark]:
    """Report a schedule that steps first in every round of the loop or function that steps an optimizer."""
    for region in regions(script, step.call):
        nodes = calls(script).nodes(region)
        place = nodes.index(step.call)
        if branches(script, step.call, region):
            return
        used = [node for node in nodes[:place] if isinstance(node, ast.Call) and _may_step(script, node)]
        if used:
            return
        later = [
            node for node in nodes[place:] if isinstance(node, ast.Call) and _certainly_steps(script, node)
        ]
        if later:
            if not _stepped_above(script, region):
                yield _first(script, step, later[0])
            return


def _first(script: Script, step: ScheduleStep, later: ast.Call) -> Remark:
    return Remark(
        script.at(step.call),
        f"`{script.segment(step.call)}` runs before the optimizer steps (line {later.lineno}), "
        "so the first value of the schedule is skipped.",
        evidence={"step": later.lineno, "made": step.made.lineno},
        fix=Fix(f"{script.segment(step.call)} after line {later.lineno}"),
    )


def _certainly_steps(script: Script, call: ast.Call) -> bool:
    return stepped(script, call) is not None or steps_within(script, call)


def _may_step(script: Script, call: ast.Call) -> bool:
    """Return True for a call that may step an optimizer, such as any call that is given one."""
    given = [*call.args, *(word.value for word in call.keywords)]
    return _certainly_steps(script, call) or any(is_optimizer(script, value) for value in given)


def _stepped_above(script: Script, region: ast.AST) -> bool:
    """Return True when an optimizer steps before a loop starts, in the same function."""
    nodes = calls(script).nodes(script.scope(region)) if region in script.parents else []
    before = nodes[: nodes.index(region)] if region in nodes else []
    return any(isinstance(node, ast.Call) and stepped(script, node) is not None for node in before)


def _per_batch(script: Script, step: ScheduleStep) -> Iterator[Remark]:
    """Report a schedule that steps in a loop over batches although it counts epochs."""
    loop = enclosing_loop(script, step.call)
    if loop is None or branches(script, step.call, loop):
        return
    if not any(
        isinstance(node, ast.Call) and _certainly_steps(script, node) for node in calls(script).nodes(loop)
    ):
        return
    reason = _counts_epochs(script, step, loop)
    if reason:
        text = script.segment(step.call)
        yield Remark(
            script.at(step.call),
            f"`{text}` runs after every batch, but {reason}.",
            evidence={"loop": loop.lineno, "made": step.made.lineno},
            fix=Fix(f"{text} after the loop on line {loop.lineno}"),
        )


def _counts_epochs(script: Script, step: ScheduleStep, loop: Loop) -> str:
    """Return why a schedule that steps in a loop counts epochs; an empty text if that is not known."""
    outer = _outer(script, loop)
    for other in schedule_steps(script):
        if other.made is step.made and _after(script, loop, other.call, outer):
            return f"it also steps after the loop (line {other.call.lineno})"
    length = span(script, step.made)
    name = name_of(script, step.made)
    for around in outer:
        for bound in rounds(around):
            if length is not None and _same(script, length, bound, name):
                text = f"`{name}` on line {step.made.lineno} is made for {script.segment(length)} steps"
                return f"{text}, and line {around.lineno} counts {script.segment(bound)} epochs"
    left = rate_left(script, step.made)
    if left is not None and left < GONE and outer and over_data(loop):
        return f"`{name}` on line {step.made.lineno} leaves {left:.0e} of the rate after {BATCHES:,} batches"
    return ""


def _outer(script: Script, loop: Loop) -> list[Loop]:
    """Return the loops around a loop, and those around the calls of its function."""
    places = [loop, *calls(script).callers(script.scope(loop))]
    around = (region for place in places for region in regions(script, place))
    return [region for region in around if isinstance(region, LOOPS)]


def _after(script: Script, loop: Loop, other: ast.Call, outer: list[Loop]) -> bool:
    """Return True when a call follows a loop, in its function or in a loop that runs it."""
    inside = any(above is loop for above in script.above(other))
    region = next(regions(script, other))
    beside = region is next(regions(script, loop))
    certain = not branches(script, other, region)
    return certain and not inside and (region in outer or (beside and other.lineno > loop.lineno))


def _same(script: Script, length: ast.expr, bound: ast.expr, name: str) -> bool:
    """Return True when a schedule of this length certainly counts the rounds of a loop up to this bound."""
    known = flow(script).literal(length), flow(script).literal(bound)
    if isinstance(known[0], int) and isinstance(known[1], int):
        return known[0] == known[1] or (name == "MultiStepLR" and known[0] < known[1])
    same_scope = script.scope(length) is script.scope(bound) or not isinstance(length, ast.Name)
    return not isinstance(length, ast.Constant) and same_scope and ast.dump(length) == ast.dump(bound)


RULE = Rule("warning", "manual", script=look)
