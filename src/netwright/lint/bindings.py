"""The names that the statements of a scope bind, each with its value."""

import ast
from collections.abc import Iterator

from netwright.lint.script import FUNCTIONS, Script

UNKNOWN = ast.Constant(value=...)
"""A binding that cannot be followed."""


def bindings(script: Script, scope: ast.AST) -> dict[str, list[ast.AST]]:
    """Return what each name of a scope is bound to: expressions, definitions, or `UNKNOWN`."""
    values: dict[str, list[ast.AST]] = {}
    for node in inside(scope):
        for name, value in bound(node):
            values.setdefault(name, []).append(value)
    return values


def inside(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a scope in the order of the text, without those of inner functions and classes."""
    waiting = list(ast.iter_child_nodes(scope))[::-1]
    while waiting:
        child = waiting.pop()
        yield child
        if not isinstance(child, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            waiting += list(ast.iter_child_nodes(child))[::-1]


def bound(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that a node binds, each with its value."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _pairs(target, value)
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
        ):
            yield from _pairs(target, value)
        case ast.arg(arg=name):
            yield name, node
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, node
        case _:
            yield from ((name, UNKNOWN) for name in _obscure(node))


def _obscure(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node binds to a value that cannot be followed."""
    match node:
        case ast.AugAssign(target=ast.Name(id=name)):
            yield name
        case (
            ast.For(target=target)
            | ast.AsyncFor(target=target)
            | ast.comprehension(target=target)
            | ast.withitem(optional_vars=ast.expr() as target)
        ):
            yield from (name for name, _ in _pairs(target, UNKNOWN))
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from names
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in names)


def _pairs(target: ast.expr, value: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    yield from ((node.id, part) for node, part in placed(target, value) if isinstance(node, ast.Name))


def placed(target: ast.expr, value: ast.AST) -> Iterator[tuple[ast.expr, ast.AST]]:
    """Yield the names and attributes of a target, each with its part of the value."""
    match target, value:
        case ((ast.Name() | ast.Attribute()), _):
            yield target, value
        case (
            (ast.Tuple(elts=names) | ast.List(elts=names)),
            (ast.Tuple(elts=values) | ast.List(elts=values)),
        ) if len(names) == len(values):
            for inner, part in zip(names, values, strict=True):
                yield from placed(inner, part)
        case ((ast.Tuple(elts=names) | ast.List(elts=names)), _):
            for inner in names:
                yield from placed(inner, UNKNOWN)
        case ast.Starred(value=inner), _:
            yield from placed(inner, UNKNOWN)
