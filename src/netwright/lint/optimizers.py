"""The optimizers that a script makes, and the networks whose parameters they are given."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from netwright.lint.bindings import inside
from netwright.lint.flow import argument, flow
from netwright.lint.script import FUNCTIONS, Script


@dataclass(frozen=True, eq=False)
class Optimizer:
    """An optimizer of torch that a statement stores.

    Args:
        call: The call of its constructor.
        statement: The assignment that the call stands in.
        target: What it is stored in: a name or an attribute.
        parameters: The first argument of the call.
        network: The expression whose `parameters()` it takes, as text; empty if there is not exactly one.
    """

    call: ast.Call
    statement: ast.Assign
    target: ast.expr
    parameters: ast.expr
    network: str


@lru_cache(maxsize=8)
def optimizers(script: Script) -> list[Optimizer]:
    """Return the optimizers of torch that assignments store, in the order of the file."""
    made = []
    for call in script.nodes(ast.Call):
        home = script.called(call)
        given = argument(call, "params", 0)
        if not home.startswith("torch.optim.") or "lr_scheduler" in home or given is None:
            continue
        statement = script.statement(call)
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name | ast.Attribute):
                made.append(Optimizer(call, statement, target, given, _network(script, given)))
    return sorted(made, key=lambda optimizer: optimizer.call.lineno)


def _network(script: Script, given: ast.AST) -> str:
    """Return the text of `net` for `net.parameters()`, also inside `list` and filters."""
    value = flow(script).value(given)
    match value:
        case ast.Call(func=ast.Attribute(attr="parameters", value=network)):
            return ast.unparse(network)
        case (
            ast.Call(func=ast.Name(id="list"), args=[inner])
            | ast.Call(func=ast.Name(id="filter"), args=[_, inner])
        ):
            return _network(script, inner)
        case ast.ListComp(generators=[head]) | ast.GeneratorExp(generators=[head]):
            return _network(script, head.iter) if ast.dump(value.elt) == _loaded(head.target) else ""
    return ""


def _loaded(target: ast.expr) -> str:
    return ast.dump(target).replace("Store()", "Load()")


def after(script: Script, statement: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the statements that follow a statement in its block, and those in them, but not in functions."""
    parent = script.parents[statement]
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, [])
        if statement not in block:
            continue
        for later in block[block.index(statement) + 1 :]:
            yield later
            if not isinstance(later, (*FUNCTIONS, ast.ClassDef)):
                yield from (node for node in inside(later) if isinstance(node, ast.stmt))


def uses(script: Script, target: ast.expr) -> list[ast.expr]:
    """Return the places that read what a name or an attribute holds; the functions around it are included."""
    text = ast.unparse(target)
    if isinstance(target, ast.Name):
        home = flow(script).home(target)
        same = [node for node in script.names.get(target.id, ()) if flow(script).home(node) is home]
        return [node for node in same if isinstance(node.ctx, ast.Load)]
    return [
        node
        for node in script.nodes(ast.Attribute)
        if isinstance(node.ctx, ast.Load) and ast.unparse(node) == text
    ]


def stores(script: Script, scope: ast.AST, text: str) -> list[ast.Assign]:
    """Return the assignments in a scope to a name or an attribute that is given as text."""
    return [
        node
        for node in inside(scope)
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == text for target in node.targets)
    ]
