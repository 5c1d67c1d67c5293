"""A training loop steps without clearing the gradients.

What. A loop calls `backward()` and `optimizer.step()`, and nothing that runs with the loop clears the
gradients.

Why. `backward()` adds to `.grad`. Without clearing, step t follows the sum of all gradients since the start,
which is a momentum of 1 that never forgets. The loss often still falls, so nobody notices (PyTorch's recipe
"Zeroing out gradients").

Guard. Gradient accumulation over several batches clears under an `if`, which counts. So do
`model.zero_grad()`, `p.grad = None`, and clearing in a function or method that the loop calls, but not the
clearing of an optimizer that is certainly another one. An optimizer that is passed to a function of another
file may be cleared there, so nothing is reported. The fix is safe if the file makes the optimizer with a
class of torch, because a class of somebody else's may clear by itself.

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
from netwright.lint.flow import flow
from netwright.lint.loops import Training, trainings
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, LOOPS, Script


def look(script: Script) -> Iterator[Remark]:
    """Report every training loop in which nothing clears the gradients."""
    for training in trainings(script):
        if _cleared(script, training) or _handed_away(script, training) or _fresh(script, training):
            continue
        name = script.segment(training.optimizer)
        yield Remark(
            script.at(training.step),
            f"`{name}` steps, but nothing clears the gradients, so they add up from step to step.",
            evidence={"loop": training.loop.lineno, "backward": training.backward.lineno},
            fix=_fix(script, training, f"{name}.zero_grad()"),
        )


def _fix(script: Script, training: Training, clear: str) -> Fix:
    """Return the fix that clears before the backward pass; it is safe for an optimizer of torch.

    It has no edits where the step and the backward pass stand under different conditions or loops, as in the
    accumulation of gradients.
    """
    around = [_conditions(script, call) for call in (training.backward, training.step)]
    together = around[0] == around[1] or isinstance(training.scope, FUNCTIONS)
    after = training.backward.lineno > training.step.lineno and not isinstance(training.scope, FUNCTIONS)
    edit = script.insert(script.statement(training.backward), clear)
    return Fix(
        f"{clear} before line {training.backward.lineno}",
        safe=_identity(script, training.optimizer) is not None,
        edits=(edit,) if together and not after else (),
    )


def _conditions(script: Script, node: ast.AST) -> list[ast.AST]:
    """Return the loops and conditions around a node, within its function."""
    function = script.scope(node)
    around = list(script.above(node))
    return [up for up in around[: around.index(function)] if isinstance(up, (*LOOPS, ast.If, ast.Try))]


def _cleared(script: Script, training: Training) -> bool:
    known = calls(script)
    around = known.surroundings(training.loop) or [script.scope(training.loop)]
    scopes = [training.scope, *known.reached(training.loop), *around]
    if "zero_" in known.words(scopes):
        return True
    clearing = [call.func for scope in scopes for call in known.methods(scope, "zero_grad")]
    if any(
        not _another(script, func.value, training) for func in clearing if isinstance(func, ast.Attribute)
    ):
        return True
    return any(
        isinstance(node, ast.Attribute) and node.attr == "grad" and isinstance(node.ctx, ast.Store)
        for scope in scopes
        if "grad" in known.words([scope])
        for node in known.nodes(scope)
    )


def _another(script: Script, cleared: ast.expr, training: Training) -> bool:
    """Return True when an expression is certainly another optimizer than the one of the training."""
    one, other = _identity(script, cleared), _identity(script, training.optimizer)
    return one is not None and other is not None and one.isdisjoint(other)


def _identity(script: Script, node: ast.expr) -> set[ast.AST] | None:
    """Return the constructor calls of torch that made an optimizer; None if one of them is unknown."""
    made = set(flow(script).origins(node) or ())
    torch = all(script.called(call).startswith("torch.optim.") for call in made)
    return made if made and torch else None


def _fresh(script: Script, training: Training) -> bool:
    """Return True when each round of the loop makes its optimizer anew, for tensors that it has just made."""
    made = _identity(script, training.optimizer) or ()
    return any(
        training.loop in script.above(call)
        and not any(getattr(node, "attr", "") == "parameters" for node in ast.walk(call))
        for call in made
    )


def _handed_away(script: Script, training: Training) -> bool:
    """Return True when the loop passes the optimizer to a function of another file."""
    name = ast.dump(training.optimizer)
    for node in [*calls(script).nodes(training.loop), *calls(script).nodes(training.scope)]:
        if not isinstance(node, ast.Call) or node is training.step or _of_torch(script, node):
            continue
        given = [*node.args, *(word.value for word in node.keywords)]
        if any(ast.dump(value) == name for value in given) and not calls(script).called(node):
            return True
    return False


def _of_torch(script: Script, call: ast.Call) -> bool:
    """Return True for a function of torch and for a gradient scaler, which clear no gradients."""
    scales = isinstance(call.func, ast.Attribute) and call.func.attr in {"unscale_", "step"}
    return scales or script.called(call).startswith("torch.")


RULE = Rule("error", "safe", script=look)
