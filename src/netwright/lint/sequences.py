"""The elements of a list in a script that a loop takes one after the other."""

import ast

from netwright.lint.bindings import UNKNOWN
from netwright.lint.flow import flow
from netwright.lint.script import Script

CHANGING = {"append", "extend", "insert", "pop", "remove", "clear", "reverse", "sort"}
"""Methods of lists that change the elements."""


def looped(script: Script, node: ast.AST) -> list[ast.expr]:
    """Return the elements that a loop takes under a name, from a list that stays as it is.

    >>> script = Script.parse("heads = [f(), g()]\\nfor head in heads:\\n    head(x)")
    >>> [ast.unparse(part) for part in looped(script, script.tree.body[1].body[0].value.func)]
    ['f()', 'g()']
    """
    if not isinstance(node, ast.Name):
        return []
    loops = [up for up in script.above(node) if isinstance(up, ast.For) and _binds(up.target, node.id)]
    home = flow(script).home(node)
    certain = home is not None and all(value is UNKNOWN for value in flow(script).bound(home)[node.id])
    return _elements(script, loops[0].iter) if len(loops) == 1 and certain else []


def _binds(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _elements(script: Script, whole: ast.expr) -> list[ast.expr]:
    """Return the elements of a list, tuple or `ModuleList`; nothing if the file changes or unpacks it."""
    origins = flow(script).origins(whole) or []
    made = origins[0] if len(origins) == 1 else None
    if isinstance(made, ast.Call) and script.called(made) == "torch.nn.ModuleList" and len(made.args) == 1:
        made = made.args[0]
    if not isinstance(made, ast.List | ast.Tuple) or _changes(script, ast.unparse(whole)):
        return []
    return [] if any(isinstance(part, ast.Starred) for part in made.elts) else made.elts


def _changes(script: Script, name: str) -> bool:
    """Return True when a method or an assignment may change the elements of what a name holds."""
    methods = (node for node in script.nodes(ast.Attribute) if node.attr in CHANGING)
    parts = (node for node in script.nodes(ast.Subscript) if not isinstance(node.ctx, ast.Load))
    return any(ast.unparse(node.value) == name for node in (*methods, *parts))
