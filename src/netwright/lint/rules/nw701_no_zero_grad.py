"""A training loop steps without clearing the gradients.

What. A loop calls `backward()` and `optimizer.step()`, and nothing that runs with the loop clears the
gradients.

Why. `backward()` adds to `.grad`. Without clearing, step t follows the sum of all gradients since the start,
which is a momentum of 1 that never forgets. The loss often still falls, so nobody notices (PyTorch's recipe
"Zeroing out gradients").

Guard. Gradient accumulation over several batches clears under an `if`, which counts. So do
`model.zero_grad()`, `p.grad = None`, a step with a closure, and clearing in a function or method that the
loop calls. An optimizer that is passed to a function of another file may be cleared there, so nothing is
reported.

Instead.

    for x, y in loader:
        optimizer.zero_grad()
        loss_fn(model(x), y).backward()
        optimizer.step()
"""

import ast
from collections.abc import Iterator

from netwright.lint.calls import calls
from netwright.lint.finding import Fix, Remark
from netwright.lint.loops import Training, trainings
from netwright.lint.rule import Rule
from netwright.lint.script import Script


def look(script: Script) -> Iterator[Remark]:
    """Report every training loop in which nothing clears the gradients."""
    for training in trainings(script):
        if _cleared(script, training) or _handed_away(script, training):
            continue
        name = script.segment(training.optimizer)
        clear = f"{name}.zero_grad()"
        edit = script.insert(script.statement(training.backward), clear)
        yield Remark(
            script.at(training.step),
            f"`{name}` steps, but nothing clears the gradients, so they add up from step to step.",
            evidence={"loop": training.loop.lineno, "backward": training.backward.lineno},
            fix=Fix(f"{clear} before line {training.backward.lineno}", safe=True, edits=(edit,)),
        )


def _cleared(script: Script, training: Training) -> bool:
    known = calls(script)
    around = known.surroundings(training.loop) or [script.scope(training.loop)]
    scopes = [*known.reached(training.loop), *around]
    if known.words(scopes) & {"zero_grad", "zero_"}:
        return True
    return any(
        isinstance(node, ast.Attribute) and node.attr == "grad" and isinstance(node.ctx, ast.Store)
        for scope in scopes
        if "grad" in known.words([scope])
        for node in known.nodes(scope)
    )


def _handed_away(script: Script, training: Training) -> bool:
    """Return True when the loop passes the optimizer to a function of another file."""
    name = ast.dump(training.optimizer)
    for node in calls(script).nodes(training.loop):
        if not isinstance(node, ast.Call) or node is training.step:
            continue
        given = [*node.args, *(word.value for word in node.keywords)]
        if any(ast.dump(value) == name for value in given) and not calls(script).called(node):
            return True
    return False


RULE = Rule("error", "safe", script=look)
