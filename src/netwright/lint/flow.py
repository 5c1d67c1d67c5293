"""What a name in a script stands for: followed through assignments and the calls of functions.

Everything here is certain or says None: a name bound by a loop, a `with`, an import of the user's or a
function that is passed around has no known origin.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from netwright.lint.script import FUNCTIONS, Function, Script

UNKNOWN = ast.Constant(value=...)
"""Stands for a binding that cannot be followed."""

DEEPEST = 50


@lru_cache(maxsize=8)
def flow(script: Script) -> "Flow":
    """The flow of a script, made once."""
    return Flow(script)


def bindings(script: Script, scope: ast.AST) -> dict[str, list[ast.AST]]:
    """What each name of a scope is bound to: expressions, definitions, or `UNKNOWN`."""
    found: dict[str, list[ast.AST]] = {}
    for node in inside(scope):
        for name, value in _bound(node):
            found.setdefault(name, []).append(value)
    return found


def inside(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope in the order of the text, without those of functions and classes defined in it."""
    waiting = list(ast.iter_child_nodes(scope))[::-1]
    while waiting:
        child = waiting.pop()
        yield child
        if not isinstance(child, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            waiting += list(ast.iter_child_nodes(child))[::-1]


def _bound(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The names that one node binds, each with what it is bound to."""
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
    """The names that a node binds to what cannot be followed."""
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
    """Follows the names of one script."""

    script: Script
    _scopes: dict[ast.AST, dict[str, list[ast.AST]]] = field(default_factory=dict)
    _known: dict[ast.AST, list[ast.AST] | None] = field(default_factory=dict)

    def bound(self, scope: ast.AST) -> dict[str, list[ast.AST]]:
        """The bindings of a scope, found once."""
        if scope not in self._scopes:
            self._scopes[scope] = bindings(self.script, scope)
        return self._scopes[scope]

    def home(self, node: ast.Name) -> ast.AST | None:
        """The scope whose name `node` reads, None for builtins and names that are nowhere bound."""
        scope: ast.AST | None = self.script.scope(node)
        while scope is not None:
            if node.id in self.bound(scope):
                return scope
            scope = self.script.scope(scope) if scope in self.script.parents else None
        return None

    def origins(self, node: ast.AST, depth: int = 0) -> list[ast.AST] | None:
        """Every expression or definition `node` may stand for; None where one of them cannot be known.

        >>> script = Script.parse("def f(x):\\n    return x\\ny = 1\\nf(y)\\nf(2)")
        >>> [found.value for found in Flow(script).origins(script.tree.body[0].body[0].value)]
        [1, 2]
        """
        if node is UNKNOWN or depth > DEEPEST:
            return None
        if not isinstance(node, ast.arg | ast.Name):
            return [node]
        if node not in self._known:
            self._known[node] = None  # for as long as it is being followed: what leads back to itself is open
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
        found: dict[ast.AST, None] = {}
        for node in nodes:
            further = self.origins(node, depth + 1)
            if further is None:
                return None
            found |= dict.fromkeys(further)
        return list(found)

    def value(self, node: ast.AST) -> ast.AST | None:
        """What `node` surely is here: a name's last assignment above it in its block, else its one origin."""
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
        found = self.origins(node)
        return found[0] if found and len(found) == 1 else None

    def calls(self, function: ast.AST) -> list[ast.Call] | None:
        """Every call of a function of this file; None when it is also passed around or decorated."""
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
        return calls  # type: ignore[return-value]  # the line above tells

    def _transparent(self, decorator: ast.expr) -> bool:
        """True for a decorator that passes arguments and result on as they are."""
        name = self.script.dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        return name in {"torch.no_grad", "torch.inference_mode", "torch.enable_grad"}

    def arguments(self, parameter: ast.arg) -> list[ast.AST] | None:
        """What the calls of its function give for a parameter; None where that cannot be known."""
        function = self.script.scope(parameter)
        calls = self.calls(function)
        if not calls or not isinstance(function, FUNCTIONS):
            return None
        given = [_given(call, function, parameter.arg) for call in calls]
        return None if any(value is None for value in given) else given  # type: ignore[return-value]

    def function(self, call: ast.Call) -> Function | None:
        """The function of this file that a call calls by its name."""
        if not isinstance(call.func, ast.Name):
            return None
        home = self.home(call.func)
        found = self.bound(home).get(call.func.id, []) if home else []
        return found[0] if len(found) == 1 and isinstance(found[0], FUNCTIONS) else None

    def literal(self, node: ast.AST | None) -> object:
        """The constant that `node` stands for, `...` where that is not one constant."""
        found = self.origins(node) if node is not None else None
        if not found or len(found) != 1:
            return ...
        if isinstance(found[0], ast.UnaryOp) and isinstance(found[0].op, ast.USub):
            inner = self.literal(found[0].operand)
            return -inner if isinstance(inner, int | float) else ...
        return found[0].value if isinstance(found[0], ast.Constant) else ...


def _above(parent: ast.AST, statement: ast.AST) -> list[ast.AST]:
    """The statements before one in its block."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, [])
        if statement in block:
            return block[: block.index(statement)]
    return []


def _given(call: ast.Call, function: Function, name: str) -> ast.AST | None:
    """What a call gives for the parameter `name`: its default where it gives nothing."""
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
    """What a call gives by name or at a position; None when it gives nothing or hides it in `*` or `**`."""
    for word in call.keywords:
        if word.arg == name:
            return word.value
    if position is None or position >= len(call.args):
        return None
    if any(isinstance(value, ast.Starred) for value in call.args[: position + 1]):
        return None
    return call.args[position]


def hides(call: ast.Call) -> bool:
    """True when `*` or `**` may give arguments we cannot see."""
    return any(isinstance(value, ast.Starred) for value in call.args) or any(
        word.arg is None for word in call.keywords
    )
