"""A loss or a module is overwritten by its own result.

What. In a loop, a name that holds a loss function or a module is assigned what it returns, as in
`loss = loss(out, y)`; or an attribute is in a method, as in `self.loss = self.loss(out, y)`.

Why. The name then holds a tensor. The first batch runs; the second one calls the tensor, and Python stops
with `'Tensor' object is not callable`. In a function to which the loss is global, even the first call fails,
because the assignment makes the name local.

Guard. The name must certainly hold a module of torch or of the file; or it is a name such as `criterion` or
`loss_fn` that is called with two arguments. A loop that makes the callable anew for each batch, or that ends
after the assignment, is correct.

Instead.

    value = loss(out, y)
"""

import ast
from collections.abc import Iterator

from netwright.lint.bindings import inside
from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import flow
from netwright.lint.modules import classes_of
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, LOOPS, Script

NAMES = {"loss", "criterion", "loss_fn", "loss_func", "loss_function", "lossfn", "objective"}
ENDS = (ast.Break, ast.Return, ast.Raise)
ONCE = {"__init__", "__post_init__", "setup", "build"}
"""Methods that run once for each object."""


def look(script: Script) -> Iterator[Remark]:
    """Report every assignment that puts the result of a callable in the place of the callable."""
    for assignment in script.nodes(ast.Assign):
        for target in _targets(assignment):
            call = _call_of(assignment.value, ast.unparse(target))
            if call is not None and isinstance(target, ast.Name):
                yield from _name(script, assignment, target, call)
            elif call is not None:
                yield from _attribute(script, assignment, target, call)


def _targets(assignment: ast.Assign) -> Iterator[ast.expr]:
    """Yield the names and the attributes of `self` that an assignment binds."""
    for target in assignment.targets:
        for part in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            if isinstance(part, ast.Name) or ast.unparse(part).startswith("self."):
                yield part


def _call_of(value: ast.expr, name: str) -> ast.Call | None:
    """Return the call of a name in a value; what lambdas in it do is not looked at."""
    calls = [node for node in (value, *inside(value)) if isinstance(node, ast.Call)]
    return next((call for call in calls if ast.unparse(call.func) == name), None)


def _name(script: Script, assignment: ast.Assign, target: ast.Name, call: ast.Call) -> Iterator[Remark]:
    scope = script.scope(target)
    made = [value for value in _bound(script, scope, target.id) if value is not assignment.value]
    unbound = not made and isinstance(scope, FUNCTIONS)
    loops = [
        loop for loop in _repeating(script, assignment) if not _made_in(script, loop, assignment, target)
    ]
    if not (loops or unbound) or not _callable(
        script, target.id, call, made or _around(script, scope, target.id)
    ):
        return
    problem = (
        "the assignment makes it a local name, which has no value when it is called"
        if unbound
        else f"the next pass of the loop in line {loops[0].lineno} calls a tensor"
    )
    yield Remark(
        script.at(assignment),
        f"`{target.id}` is overwritten by its own result: {problem}.",
        evidence={"name": target.id, "local": unbound},
        fix=_fix(script, assignment, target),
    )


def _bound(script: Script, scope: ast.AST, name: str) -> list[ast.AST]:
    return flow(script).bound(scope).get(name, [])


def _around(script: Script, scope: ast.AST, name: str) -> list[ast.AST]:
    """Return what a name is bound to in the nearest scope around a function that binds it."""
    while scope in script.parents:
        scope = script.scope(scope)
        if _bound(script, scope, name):
            return _bound(script, scope, name)
    return []


def _repeating(script: Script, assignment: ast.Assign) -> Iterator[ast.stmt]:
    """Yield the loops of the function that can run an assignment twice, from the innermost outwards."""
    below: ast.AST = assignment
    for above in script.above(assignment):
        if isinstance(above, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            return
        if _ends_after(above, below):
            return
        if isinstance(above, LOOPS) and below in above.body:
            yield above
        below = above


def _ends_after(above: ast.AST, below: ast.AST) -> bool:
    """Return True when a block certainly leaves its loop after one of its statements."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(above, name, [])
        if isinstance(block, list) and below in block:
            return any(isinstance(statement, ENDS) for statement in block[block.index(below) :])
    return False


def _made_in(script: Script, loop: ast.stmt, assignment: ast.Assign, target: ast.Name) -> bool:
    """Return True when a loop binds the name in another way too, so that it may be callable again."""
    return any(
        isinstance(node, ast.Name)
        and node.id == target.id
        and not isinstance(node.ctx, ast.Load)
        and script.statement(node) is not assignment
        for node in inside(loop)
    )


def _callable(script: Script, name: str, call: ast.Call, made: list[ast.AST]) -> bool:
    """Return True when a name holds a module, or is called like a loss."""
    origins = [origin for value in made for origin in flow(script).origins(value) or [value]]
    if origins and all(_module(script, origin) for origin in origins):
        return True
    several = len(call.args) + len(call.keywords) > 1
    return name in NAMES and several and not any(isinstance(origin, ast.ClassDef) for origin in origins)


def _module(script: Script, value: ast.AST) -> bool:
    home, _, last = script.called(value).rpartition(".")
    return (home.startswith("torch.nn") and last[:1].isupper()) or classes_of(script, value) is not None


def _fix(script: Script, assignment: ast.Assign, target: ast.Name) -> Fix:
    """Return the fix that gives the result a name of its own, if it is certain who reads the result."""
    taken = {*script.names, *script.imports, *(node.arg for node in script.nodes(ast.arg))}
    new = next(name for name in ("loss", f"{target.id}_value", "result", "") if name not in taken)
    advice = Fix(f"{new or 'value'} = {script.segment(assignment.value)}")
    readers = []
    for node in script.names[target.id]:
        if isinstance(node.ctx, ast.Store) or flow(script).home(node) is not script.scope(target):
            continue
        if script.statement(node) is assignment or _called(script, node):
            continue
        if script.scope(node) is not script.scope(target) or node.lineno <= assignment.lineno:
            return advice
        readers.append(node)
    if not new or not isinstance(assignment.targets[0], ast.Name):
        return advice
    return Fix(advice.text, edits=tuple(script.replace(node, new) for node in (target, *readers)))


def _called(script: Script, node: ast.Name) -> bool:
    parent = script.parents[node]
    return isinstance(parent, ast.Call) and parent.func is node


def _attribute(script: Script, assignment: ast.Assign, target: ast.expr, call: ast.Call) -> Iterator[Remark]:
    method = script.scope(assignment)
    kind = script.parents.get(method)
    if not isinstance(method, FUNCTIONS) or not isinstance(kind, ast.ClassDef) or method.name in ONCE:
        return
    name = ast.unparse(target)
    made = [
        node.value
        for node in ast.walk(kind)
        if isinstance(node, ast.Assign) and node is not assignment
        for other in _targets(node)
        if ast.unparse(other) == name
    ]
    if made and all(_module(script, value) for value in made):
        yield Remark(
            script.at(assignment),
            f"`{name}` is overwritten by its own result: the next call of `{method.name}` calls a tensor.",
            evidence={"name": name, "local": False},
            fix=Fix(f"{call.func.attr}_value = {script.segment(assignment.value)}"),  # type: ignore[attr-defined]
        )


RULE = Rule("error", "unsafe", script=look)
