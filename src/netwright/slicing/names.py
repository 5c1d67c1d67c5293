"""The names that a piece of a syntax tree reads and binds, and those whose object it reaches into."""

import ast
from collections.abc import Iterable, Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
PARTS = {
    "enumerate",
    "zip",
    "list",
    "tuple",
    "reversed",
    "sorted",
    "iter",
    "next",
    "vars",
    "getattr",
    "filter",
}
"""Builtins whose result holds the objects that they are given, or parts of them."""
ACCESSORS = frozenset(
    """
    parameters named_parameters modules named_modules children named_children buffers named_buffers
    get_submodule get_parameter get_buffer items values keys get setdefault pop
    to cuda cpu float half double train eval apply requires_grad_ add_argument_group
    add_mutually_exclusive_group add_subparsers add_parser
    """.split()  # noqa: SIM905  # reads better than two dozen quoted words
)
"""Methods whose result is the object itself, or a part of it that can be changed in its place."""


def reads(node: ast.AST, *, later: bool = True) -> set[str]:
    """Return the names that a piece of code reads from outside of it.

    Args:
        node: a statement or an expression.
        later: also count what the bodies of its functions and classes read when they are called.

    >>> sorted(reads(ast.parse("def f(x, y=start): return x + z")))
    ['start', 'z']
    >>> reads(ast.parse("def f(x, y=start): return x + z"), later=False)
    {'start'}
    """
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            return {name}
        case ast.AugAssign(target=ast.Name(id=name), value=value):
            return {name} | reads(value, later=later)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return at_definition(node) | (called(node) if later else set())
        case ast.Lambda():
            return at_definition(node) | (reads(node.body) - stored(node))
        case ast.ClassDef():
            inner = _union(node.body, later) - stored(node)
            return at_definition(node) | inner
    inner = _union(ast.iter_child_nodes(node), later)
    return inner - stored(node) if isinstance(node, COMPREHENSIONS) else inner


def _union(nodes: Iterable[ast.AST], later: bool) -> set[str]:
    return set().union(*(reads(node, later=later) for node in nodes))


def at_definition(node: Function | ast.Lambda | ast.ClassDef) -> set[str]:
    """Return the names that are read when a function or a class is defined."""
    outside: list[ast.AST] = list(getattr(node, "decorator_list", ()))
    if isinstance(node, ast.ClassDef):
        outside += [*node.bases, *node.keywords]
    else:
        outside += [node.args]
        if not isinstance(node, ast.Lambda) and node.returns:
            outside.append(node.returns)
    return _union(outside, later=True)


def called(function: Function) -> set[str]:
    """Return the names that the body of a function reads, apart from its own."""
    return _union(function.body, later=True) - stored(function)


def stored(scope: ast.AST) -> set[str]:
    """Return the names that a function, a class or a comprehension binds for itself."""
    names = parameters(scope) if isinstance(scope, Function | ast.Lambda) else set()
    for node in own(scope):
        names |= bound(node)
    return names - declared(scope)


def declared(scope: ast.AST) -> set[str]:
    """Return the names that a function declares global."""
    return {name for node in own(scope) if isinstance(node, ast.Global) for name in node.names}


def parameters(function: Function | ast.Lambda) -> set[str]:
    """Return the names of the parameters of a function."""
    return {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}


def bound(node: ast.AST) -> set[str]:
    """Return the names that a single node binds, without those below it."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            return {name}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return {name}
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {(alias.asname or alias.name).partition(".")[0] for alias in aliases}
    return set()


def own(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below a scope, without what is inside its functions, classes and comprehensions."""
    return outside(ast.iter_child_nodes(scope))


def outside(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield nodes and those below them, without what is inside functions, classes and comprehensions."""
    waiting = list(nodes)[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (Function, ast.Lambda, ast.ClassDef, *COMPREHENSIONS)):
            waiting += list(ast.iter_child_nodes(node))[::-1]


def roots(node: ast.AST) -> set[str]:
    """Return the names whose object an expression is, or is a part of.

    >>> roots(ast.parse("enumerate(net.layers[0].parameters())", mode="eval").body)
    {'net'}
    >>> roots(ast.parse("net(x)", mode="eval").body)
    set()
    """
    match node:
        case ast.Name(id=name):
            return {name}
        case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
            return roots(inner)
        case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if attr in ACCESSORS:
            return roots(inner)
        case ast.Call(func=ast.Name(id=name), args=args) if name in PARTS:
            return set().union(*map(roots, args))
    return set()


def aliases(nodes: Iterable[ast.AST]) -> dict[str, set[str]]:
    """Return the names that stand for other names' objects or parts, each with those names.

    >>> aliases(ast.walk(ast.parse("for p in net.parameters(): p.requires_grad = False")))
    {'p': {'net'}}
    """
    known: dict[str, set[str]] = {}
    for node in nodes:
        for target, value in _assigned(node):
            names = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
            for name in names if (origins := roots(value) - names) else ():
                known.setdefault(name, set()).update(origins)
    return known


def _assigned(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets if isinstance(target, ast.Name | ast.Tuple))
            yield from ((one, other) for one in targets for other in targets if one is not other)
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            yield target, value
        case (
            ast.withitem(context_expr=value, optional_vars=ast.Name() as target)
            | ast.NamedExpr(target=target, value=value)
        ):
            yield target, value


def behind(names: Iterable[str], known: dict[str, set[str]]) -> set[str]:
    """Return names together with every name whose object they may stand for."""
    waiting, seen = list(names), set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += known.get(name, ())
    return seen
