"""The values that a name in a script stands for, followed through assignments and calls of functions.

Every answer is certain, or it is None: a name that is bound by a loop, by a `with` or by an import, or a
function that is passed around, has no known origin.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from netwright.lint.script import FUNCTIONS, Function, Script

UNKNOWN = ast.Constant(value=...)
"""A binding that cannot be followed."""

DEEPEST = 50


@lru_cache(maxsize=8)
def flow(script: Script) -> "Flow":
    """Return the flow of a script, which is made once."""
    return Flow(script)


def bindings(script: Script, scope: ast.AST) -> dict[str, list[ast.AST]]:
    """Return what each name of a scope is bound to: expressions, definitions, or `UNKNOWN`."""
    bound: dict[str, list[ast.AST]] = {}
    for node in inside(scope):
        for name, value in _bound(node):
            bound.setdefault(name, []).append(value)
    return bound


def inside(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a scope in the order of the text, without those of inner functions and classes."""
    waiting = list(ast.iter_child_nodes(scope))[::-1]
    while waiting:
        child = waiting.pop()
        yield child
        if not isinstance(child, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            waiting += list(ast.iter_child_nodes(child))[::-1]


def _bound(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
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
    match target, value:
        case ast.Name(id=name), _:
            yield name, value
        case (
            (ast.Tuple(elts=names) | ast.List(elts=names)),
            (ast.Tuple(elts=values) | ast.List(elts=values)),
        ) if len(names) == len(values):
            for inner, part in zip(names, values, strict=True):
                yield from _pairs(inner, part)
        case ((ast.Tuple(elts=names) | ast.List(elts=names)), _):
            for inner in names:
                yield from _pairs(inner, UNKNOWN)
        case ast.Starred(value=inner), _:
            yield from _pairs(inner, UNKNOWN)


@dataclass(eq=False)
class Flow:
    """The origins of the names in one script."""

    script: Script
    _scopes: dict[ast.AST, dict[str, list[ast.AST]]] = field(default_factory=dict)
    _known: dict[ast.AST, list[ast.AST] | None] = field(default_factory=dict)

    def bound(self, scope: ast.AST) -> dict[str, list[ast.AST]]:
        """Return the bindings of a scope, which are collected once."""
        if scope not in self._scopes:
            self._scopes[scope] = bindings(self.script, scope)
        return self._scopes[scope]

    def home(self, node: ast.Name) -> ast.AST | None:
        """Return the scope whose name `node` reads; None for builtins and for names that are not bound."""
        scope: ast.AST | None = self.script.scope(node)
        while scope is not None:
            if node.id in self.bound(scope):
                return scope
            scope = self.script.scope(scope) if scope in self.script.parents else None
        return None

    def origins(self, node: ast.AST, depth: int = 0) -> list[ast.AST] | None:
        """Return every expression or definition that `node` may stand for; None if one of them is unknown.

        >>> script = Script.parse("def f(x):\\n    return x\\ny = 1\\nf(y)\\nf(2)")
        >>> [origin.value for origin in Flow(script).origins(script.tree.body[0].body[0].value)]
        [1, 2]
        """
        if node is UNKNOWN or depth > DEEPEST:
            return None
        if not isinstance(node, ast.arg | ast.Name):
            return [node]
        if node not in self._known:
            self._known[node] = None  # a name that leads back to itself has no known origin
            self._known[node] = self._followed(node, depth)
        return self._known[node]

    def _followed(self, node: ast.arg | ast.Name, depth: int) -> list[ast.AST] | None:
        if isinstance(node, ast.arg):
            return self._all(self.arguments(node), depth)
        home = self.home(node)
        return [node] if home is None else self._all(self.bound(home)[node.id], depth)

    def _all(self, nodes: list[ast.AST] | None, depth: int) -> list[ast.AST] | None:
        if not nodes:
            return None
        origins: dict[ast.AST, None] = {}
        for node in nodes:
            further = self.origins(node, depth + 1)
            if further is None:
                return None
            origins |= dict.fromkeys(further)
        return list(origins)

    def value(self, node: ast.AST) -> ast.AST | None:
        """Return what `node` certainly is: its last assignment in the block, else its only origin."""
        if not isinstance(node, ast.Name):
            return node
        statement: ast.AST = self.script.statement(node)
        while not isinstance(statement, (*FUNCTIONS, ast.Module)):
            parent = self.script.parents[statement]
            for before in reversed(_above(parent, statement)):
                assigned = [value for name, value in _bound(before) if name == node.id]
                if assigned:
                    return self.value(assigned[-1]) if assigned[-1] is not UNKNOWN else None
                if any(name == node.id for inner in inside(before) for name, _ in _bound(inner)):
                    return None
            if not isinstance(parent, ast.With):
                break
            statement = parent
        origins = self.origins(node)
        return origins[0] if origins and len(origins) == 1 else None

    def calls(self, function: ast.AST) -> list[ast.Call] | None:
        """Return every call of a function of this file; None if it is also passed around or decorated."""
        if not isinstance(function, FUNCTIONS) or not all(map(self._transparent, function.decorator_list)):
            return None
        scope = self.script.scope(function)
        if (
            function not in self.bound(scope).get(function.name, [])
            or len(self.bound(scope)[function.name]) > 1
        ):
            return None
        uses = [
            node
            for node in self.script.names.get(function.name, ())
            if isinstance(node.ctx, ast.Load) and self.home(node) is scope
        ]
        calls = [self.script.parents[use] for use in uses]
        if not all(
            isinstance(call, ast.Call) and call.func is use for call, use in zip(calls, uses, strict=True)
        ):
            return None
        return calls  # type: ignore[return-value]  # checked above

    def _transparent(self, decorator: ast.expr) -> bool:
        """Return True for a decorator that leaves the arguments and the result as they are."""
        name = self.script.dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        return name in {"torch.no_grad", "torch.inference_mode", "torch.enable_grad"}

    def arguments(self, parameter: ast.arg) -> list[ast.AST] | None:
        """Return the arguments that calls give for a parameter; None if one of them is unknown."""
        function = self.script.scope(parameter)
        calls = self.calls(function)
        if not calls or not isinstance(function, FUNCTIONS):
            return None
        given = [_given(call, function, parameter.arg) for call in calls]
        return None if any(value is None for value in given) else given  # type: ignore[return-value]

    def function(self, call: ast.Call) -> Function | None:
        """Return the function of this file that is called by its name."""
        if not isinstance(call.func, ast.Name):
            return None
        home = self.home(call.func)
        definitions = self.bound(home).get(call.func.id, []) if home else []
        return definitions[0] if len(definitions) == 1 and isinstance(definitions[0], FUNCTIONS) else None

    def literal(self, node: ast.AST | None) -> object:
        """Return the constant that `node` stands for; `...` if that is not a single constant."""
        origins = self.origins(node) if node is not None else None
        if not origins or len(origins) != 1:
            return ...
        if isinstance(origins[0], ast.UnaryOp) and isinstance(origins[0].op, ast.USub):
            inner = self.literal(origins[0].operand)
            return -inner if isinstance(inner, int | float) else ...
        return origins[0].value if isinstance(origins[0], ast.Constant) else ...


def _above(parent: ast.AST, statement: ast.AST) -> list[ast.AST]:
    """Return the statements before a statement in its block."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, [])
        if statement in block:
            return block[: block.index(statement)]
    return []


def _given(call: ast.Call, function: Function, name: str) -> ast.AST | None:
    """Return the argument that a call gives for the parameter `name`, or the default."""
    if any(isinstance(value, ast.Starred) for value in call.args) or any(
        not word.arg for word in call.keywords
    ):
        return None
    for word in call.keywords:
        if word.arg == name:
            return word.value
    spec = function.args
    positional = [*spec.posonlyargs, *spec.args]
    names = [parameter.arg for parameter in positional]
    if name in names:
        place = names.index(name)
        if place < len(call.args):
            return call.args[place]
        default = place - len(names) + len(spec.defaults)
        return spec.defaults[default] if default >= 0 else None
    for parameter, value in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if parameter.arg == name:
            return value
    return None


def argument(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """Return the argument that a call gives by name or position; None if there is none, or `*` hides it."""
    for word in call.keywords:
        if word.arg == name:
            return word.value
    if position is None or position >= len(call.args):
        return None
    if any(isinstance(value, ast.Starred) for value in call.args[: position + 1]):
        return None
    return call.args[position]


def hides(call: ast.Call) -> bool:
    """Return True when `*` or `**` may hide arguments."""
    return any(isinstance(value, ast.Starred) for value in call.args) or any(
        word.arg is None for word in call.keywords
    )
