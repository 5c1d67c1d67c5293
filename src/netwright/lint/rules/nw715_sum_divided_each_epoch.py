"""A running sum is divided in every epoch, and never starts anew.

What. A sum that starts before the loop over the epochs grows with each batch, and is divided after each epoch
by the number of batches or examples of one epoch. Or it is divided every `k` steps by `k`.

Why. From the second epoch on, the reported loss contains all the epochs before: it seems to grow while the
network improves, and early stopping or a schedule that watches it acts on a wrong number. With `total /= n`
the sum of the next epoch starts from the mean of the last one.

Guard. A divisor that grows with the sum, such as `(epoch + 1) * len(loader)` or a count that is never reset
either, gives the mean over all epochs, which is correct. It is not where the sum grows under `no_grad` in a
loop that trains, because it then mixes the outputs of networks of all epochs. A division under a condition on
the epoch is not judged. A sum that is assigned, reset or cleared in the outer loop starts anew.

Instead.

    for epoch in range(epochs):
        total = 0.0
        for x, y in loader:
            total += loss.item()
        print(total / len(loader))
"""

import ast
from collections.abc import Iterator

from netwright.lint.calls import calls, gradless
from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import UNKNOWN, flow
from netwright.lint.loops import Loop, enclosing_loop
from netwright.lint.rule import Rule
from netwright.lint.script import LOOPS, Script

Division = ast.AugAssign | ast.BinOp


def look(script: Script) -> Iterator[Remark]:
    """Report every division of a sum of batches in a loop that does not reset the sum."""
    for node in [*script.nodes(ast.AugAssign), *script.nodes(ast.BinOp)]:
        above, below = (
            (node.target, node.value) if isinstance(node, ast.AugAssign) else (node.left, node.right)
        )
        summed, loop = _summed(above), enclosing_loop(script, node)
        if not isinstance(node.op, ast.Div) or summed is None or loop is None:
            continue
        added = _added(script, summed, loop)
        if added is None or not _starts_before(script, summed, loop):
            continue
        each = _each(script, node, below, loop, added)
        if each:
            yield Remark(
                script.at(node),
                f"`{summed.id}` is divided in each {each} of the loop in line {loop.lineno} and never starts "
                "anew, so it also contains what was added before.",
                evidence={"sum": summed.id, "loop": loop.lineno, "added": added.lineno},
                fix=Fix(f"{summed.id} = 0.0 where each {each} starts"),
            )


def _summed(node: ast.AST) -> ast.Name | None:
    """Return the name that is divided, also in `total.item() / n` and `100.0 * total / n`."""
    while True:
        match node:
            case ast.Name():
                return node
            case ast.Call(func=ast.Attribute(value=inner, attr="item" | "double" | "float"), args=[]):
                node = inner
            case ast.Call(func=ast.Name(id="float"), args=[inner]):
                node = inner
            case ast.BinOp(left=ast.Constant(), op=ast.Mult(), right=inner):
                node = inner
            case _:
                return None


def _added(script: Script, summed: ast.Name, loop: Loop) -> ast.AugAssign | None:
    """Return the place in a loop where the sum grows, if it is only added to and divided there."""
    added = None
    for node in calls(script).nodes(loop):
        if (
            isinstance(node, ast.Attribute | ast.Subscript)
            and _is(node.value, summed)
            and _changes(script, node)
        ):
            return None
        if not _is(node, summed) or isinstance(node.ctx, ast.Load):  # type: ignore[attr-defined]  # a name
            continue
        statement = script.parents[node]
        if not isinstance(statement, ast.AugAssign) or not isinstance(statement.op, ast.Add | ast.Div):
            return None
        if isinstance(statement.op, ast.Add):
            added = added or statement
    return added


def _is(node: ast.AST, summed: ast.Name) -> bool:
    return isinstance(node, ast.Name) and node.id == summed.id


def _changes(script: Script, node: ast.Attribute | ast.Subscript) -> bool:
    """Return True for `total[:] = 0` and for methods such as `total.zero_()` and `total.reset()`."""
    if isinstance(node, ast.Subscript):
        return not isinstance(node.ctx, ast.Load)
    return node.attr.endswith("_") or node.attr in {"reset", "clear"}


def _starts_before(script: Script, summed: ast.Name, loop: Loop) -> bool:
    """Return True when the sum certainly starts as a number, outside the loop."""
    bound = flow(script).bound(script.scope(summed)).get(summed.id, [])
    starts = [value for value in bound if value is not UNKNOWN]
    numbers = all(isinstance(value, ast.Constant) and value.value in (0, 0.0) for value in starts)
    around = [other for value in starts for other in script.above(value) if isinstance(other, LOOPS)]
    return bool(starts) and numbers and loop not in around


def _each(script: Script, node: Division, below: ast.expr, loop: Loop, added: ast.AugAssign) -> str:
    """Return what the divisor measures, an epoch or a number of steps; empty if the division may be right."""
    conditions = []
    for above in script.above(node):
        if above is loop:
            break
        if isinstance(above, ast.If | ast.IfExp | ast.While):
            conditions.append(above.test)
    if enclosing_loop(script, added) is loop:
        every = {ast.dump(step) for test in conditions for step in _steps(test)}
        return f"{script.segment(below)} steps" if ast.dump(below) in every else ""
    growing = _growing(script, loop)
    if _evaluates_what_it_trains(script, loop, added):
        growing -= {name for node in _beside(script, added) for name in _stored(node)}
    if any(_names(part) & growing for part in (below, *conditions)):
        return ""
    return "pass"


def _evaluates_what_it_trains(script: Script, loop: Loop, added: ast.AugAssign) -> bool:
    """Return True when a loop trains, and the sum grows under `no_grad` in it."""
    around = list(script.above(added))
    contexts = [above for above in around[: around.index(loop)] if isinstance(above, ast.With)]
    marks = (node for context in contexts for item in context.items for node in ast.walk(item))
    return bool(calls(script).methods(loop, "backward")) and any(map(gradless, marks))


def _beside(script: Script, added: ast.AugAssign) -> list[ast.AugAssign]:
    """Return the sums that grow in the same loop as a sum, which count its examples or batches."""
    inner = enclosing_loop(script, added)
    nodes = calls(script).nodes(inner) if inner is not None else []
    return [node for node in nodes if isinstance(node, ast.AugAssign)]


def _steps(test: ast.expr) -> Iterator[ast.expr]:
    """Yield `k` for every `… % k` in a condition."""
    for node in ast.walk(test):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            yield node.right


def _growing(script: Script, loop: Loop) -> set[str]:
    """Return the names that change from pass to pass: the target of the loop, counts, and what they make."""
    nodes = calls(script).nodes(loop)
    assigned = [node for node in nodes if isinstance(node, ast.Assign)]
    reset = {name for node in assigned for name in _stored(node) if not _names(node.value) & _stored(node)}
    growing = _stored(loop.target) if isinstance(loop, ast.For | ast.AsyncFor) else _names(loop.test)
    for node in nodes:
        if isinstance(node, ast.AugAssign):
            growing |= _stored(node) - reset
    count = -1
    while len(growing) > count:
        count = len(growing)
        growing |= {name for node in assigned if _names(node.value) & growing for name in _stored(node)}
    return growing


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _stored(node: ast.AST) -> set[str]:
    return {
        inner.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
    }


RULE = Rule("warning", "manual", script=look)
