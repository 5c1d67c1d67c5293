"""A running sum of losses keeps every graph alive.

What. `total += loss` adds the loss together with its graph, where only its value is needed.

Why. The sum refers to the graph of every batch, so nothing that was saved for a backward pass can be freed
until the epoch ends. Memory use grows with every batch until there is none left (PyTorch FAQ, "My model
reports out of memory").

Guard. The sum must stand in a training loop that has already called `backward()` on that loss, or in an
evaluation loop. A sum that is itself differentiated, for example over several heads, is correct; so is one
under `no_grad`. The fix is safe if the file only divides, compares, prints or formats the sum, which works
with a number as well as with a tensor.

Instead.

    total += loss.item()
"""

import ast
from collections.abc import Iterator

from netwright.lint.bindings import UNKNOWN
from netwright.lint.calls import calls
from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import flow
from netwright.lint.loops import enclosing_loop, evaluations, trainings
from netwright.lint.modules import mean_loss
from netwright.lint.rule import Rule
from netwright.lint.script import Script

REDUCED = {"sum", "mean"}
DEEPEST = 5


def look(script: Script) -> Iterator[Remark]:
    """Report every addition of a loss that still has its graph."""
    for add in script.nodes(ast.AugAssign):
        if not isinstance(add.op, ast.Add) or not isinstance(add.target, ast.Name):
            continue
        if _differentiated(script, add.target) or not (
            _after_backward(script, add) or _while_evaluating(script, add)
        ):
            continue
        loss = _loss(add.value) or add.value
        number = f"{script.operand(loss)}.item()"
        text = script.segment(add.value).replace(script.segment(loss), number, 1)
        yield Remark(
            script.at(add),
            f"`{add.target.id}` keeps the graph of every `{script.segment(loss)}` added to it, "
            "so memory use grows with each batch.",
            fix=Fix(
                f"{add.target.id} += {text}",
                safe=_shown_only(script, add.target),
                edits=(script.replace(loss, number),),
            ),
        )


def _loss(value: ast.expr) -> ast.Name | None:
    """Return the name of the loss in `loss` and `loss * x.size(0)`."""
    match value:
        case ast.BinOp(op=ast.Mult() | ast.Div(), left=ast.Name() as name):
            return name
        case ast.BinOp(op=ast.Mult(), right=ast.Name() as name):
            return name
        case ast.Name():
            return value
    return None


def _shown_only(script: Script, name: ast.Name, depth: int = 0) -> bool:
    """Return True when a number does as well as a tensor in all uses of a name."""
    return depth < DEEPEST and all(_takes_number(script, use, depth) for use in calls(script).reads(name))


def _takes_number(script: Script, use: ast.AST, depth: int) -> bool:
    """Return True when the value of an expression is only divided, compared, printed or formatted."""
    parent = script.parents[use]
    match parent:
        case ast.BinOp() | ast.UnaryOp() | ast.Tuple():
            return _takes_number(script, parent, depth)
        case ast.FormattedValue() | ast.Compare() | ast.Expr() | ast.AugAssign():
            return True
        case ast.Call(func=ast.Name(id="print" | "round" | "float" | "str")):
            return True
        case ast.Call(func=ast.Attribute(attr="format" | "add_scalar")):
            return parent.func is not use
        case ast.Assign(targets=[ast.Name() as target]):
            return _shown_only(script, target, depth + 1)
        case ast.Return():
            callers = calls(script).callers(script.scope(parent))
            return bool(callers) and all(_takes_number(script, call, depth + 1) for call in callers)
    return False


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
    loss = _loss(add.value)
    if loop is None or loss is None or loop not in {training.loop for training in trainings(script)}:
        return False
    differentiated = any(loss.id in _subjects(call) for call in calls(script).methods(loop, "backward"))
    return differentiated and not _reassigned(script, loss)


def _subjects(backward: ast.Call) -> set[str]:
    """Return the names in `loss.backward()`, `scaler.scale(loss).backward()` and `manager.backward(loss)`."""
    parts = [backward.func.value if isinstance(backward.func, ast.Attribute) else backward, *backward.args]
    return {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)}


def _reassigned(script: Script, loss: ast.Name) -> bool:
    """Return True when the loss becomes a number between the backward pass and the sum."""
    bound = flow(script).bound(script.scope(loss)).get(loss.id, [])
    return any(value is UNKNOWN or _number(value) for value in bound)


def _number(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in {"item", "detach", "tolist"}
    return isinstance(node, ast.Attribute) and node.attr == "data"


def _while_evaluating(script: Script, add: ast.AugAssign) -> bool:
    loop = enclosing_loop(script, add)
    if loop is None or loop not in {evaluation.loop for evaluation in evaluations(script)}:
        return False
    if calls(script).surroundings(loop) is None or calls(script).gradless(loop):
        return False
    value: ast.AST = add.value
    while (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in REDUCED
    ):
        value = value.func.value
    origins = flow(script).origins(value) or []
    return bool(origins) and all(mean_loss(script, origin) for origin in origins)


RULE = Rule("warning", "safe", script=look)
