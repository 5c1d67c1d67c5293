"""A running sum of losses keeps every graph alive.

What. `total += loss` adds the loss together with its graph, where only its value is needed.

Why. The sum refers to the graph of every batch, so nothing that was saved for a backward pass can be freed
until the epoch ends. Memory use grows with every batch until there is none left (PyTorch FAQ, "My model
reports out of memory").

Guard. The sum must stand in a training loop that has already called `backward()` on that loss, or in an
evaluation loop. A sum that is itself differentiated, for example over several heads, is correct; so is one
under `no_grad`.

Instead.

    total += loss.item()
"""

import ast
from collections.abc import Iterator

from netwright.lint.calls import calls
from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import UNKNOWN, flow
from netwright.lint.loops import enclosing_loop, evaluations, trainings
from netwright.lint.modules import mean_loss
from netwright.lint.rule import Rule
from netwright.lint.script import Script

REDUCED = {"sum", "mean"}


def look(script: Script) -> Iterator[Remark]:
    """Report every addition of a loss that still has its graph."""
    for add in script.nodes(ast.AugAssign):
        if not isinstance(add.op, ast.Add) or not isinstance(add.target, ast.Name):
            continue
        if _differentiated(script, add.target) or not (
            _after_backward(script, add) or _while_evaluating(script, add)
        ):
            continue
        number = f"{script.segment(add.value)}.item()"
        yield Remark(
            script.at(add),
            f"`{add.target.id}` keeps the graph of every `{script.segment(add.value)}` added to it, "
            "so memory use grows with each batch.",
            fix=Fix(f"{add.target.id} += {number}", safe=True, edits=(script.replace(add.value, number),)),
        )


def _differentiated(script: Script, target: ast.Name) -> bool:
    """Return True when the sum itself may be differentiated, in a `backward()` or in another sum."""
    for call in calls(script).methods(script.scope(target), "backward"):
        assert isinstance(call.func, ast.Attribute)
        used = [call.func.value, *call.args]
        if any(
            isinstance(node, ast.Name) and node.id == target.id for value in used for node in ast.walk(value)
        ):
            return True
    return any(_passed_on(script, use) for use in calls(script).reads(target))


def _passed_on(script: Script, use: ast.Name) -> bool:
    """Return True when the sum becomes part of another loss: `total + penalty`, `loss = total`."""
    parent = script.parents[use]
    if isinstance(parent, ast.BinOp):
        return not isinstance(parent.op, ast.Div)
    return isinstance(parent, ast.Assign) and parent.value is use


def _after_backward(script: Script, add: ast.AugAssign) -> bool:
    loop = enclosing_loop(script, add)
    if (
        loop is None
        or not isinstance(add.value, ast.Name)
        or loop not in {training.loop for training in trainings(script)}
    ):
        return False
    return any(
        isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == add.value.id
        for call in calls(script).methods(loop, "backward")
    ) and not _reassigned(script, add, loop)


def _reassigned(script: Script, add: ast.AugAssign, loop: ast.AST) -> bool:
    """Return True when the loss becomes a number between the backward pass and the sum."""
    assert isinstance(add.value, ast.Name)
    bound = flow(script).bound(script.scope(add)).get(add.value.id, [])
    return any(value is UNKNOWN or _number(value) for value in bound)


def _number(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in {"item", "detach", "tolist"}
    return isinstance(node, ast.Attribute) and node.attr == "data"


def _while_evaluating(script: Script, add: ast.AugAssign) -> bool:
    loop = enclosing_loop(script, add)
    if loop is None or loop not in {evaluation.loop for evaluation in evaluations(script)}:
        return False
    scopes = calls(script).surroundings(loop)
    if scopes is None or calls(script).gradless(scopes):
        return False
    value: ast.AST = add.value
    while (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in REDUCED
    ):
        value = value.func.value
    origins = flow(script).origins(value) or []
    return bool(origins) and all(mean_loss(script, origin) for origin in origins)


RULE = Rule("warning", "safe", script=look)
