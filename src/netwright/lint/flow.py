"""The values that a name in a script stands for, followed through assignments and calls of functions.

Every answer is certain, or it is None: a name that is bound by a loop, by a `with` or by an import, or a
function that is passed around, has no known origin.
"""

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from netwright.lint.bindings import UNKNOWN, bindings, bound, inside, placed
from netwright.lint.script import FUNCTIONS, Function, Script

DEEPEST = 50
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


@lru_cache(maxsize=8)
def flow(script: Script) -> "Flow":
    """Return the flow of a script, which is made once."""
    return Flow(script)


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
        if not isinstance(node, ast.arg | ast.Name) and not self.held(node):
            return [node]
        if node not in self._known:
            self._known[node] = None  # a name that leads back to itself has no known origin
            self._known[node] = self._followed(node, depth)
        return self._known[node]

    def _followed(self, node: ast.AST, depth: int) -> list[ast.AST] | None:
        if isinstance(node, ast.arg):
            return self._all(self.arguments(node), depth)
        if isinstance(node, ast.Attribute):
            return self._all(self.held(node), depth)
        assert isinstance(node, ast.Name)
        home = self.home(node)
        return [node] if home is None else self._all(self.bound(home)[node.id], depth)

    def held(self, node: ast.AST) -> list[ast.AST]:
        """Return what the class around `self.name` assigns to it; nothing if another part of the file does.

        >>> script = Script.parse("class A:\\n    def f(self):\\n        self.x = 1\\n        self.x")
        >>> [value.value for value in Flow(script).held(script.tree.body[0].body[0].body[1].value)]
        [1]
        """
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                owner = self.owner(node)
                assigned = self._held.get(name, [])
                if owner is not None and all(other is owner for other, _ in assigned):
                    return [value for _, value in assigned]
        return []

    def owner(self, node: ast.AST) -> ast.ClassDef | None:
        """Return the class that a node stands in."""
        return next((up for up in self.script.above(node) if isinstance(up, ast.ClassDef)), None)

    @cached_property
    def _held(self) -> dict[str, list[tuple[ast.AST | None, ast.AST]]]:
        """The values that are assigned to attributes, each with the class whose `self` has the attribute."""
        held: dict[str, list[tuple[ast.AST | None, ast.AST]]] = {}
        targets = {node for node in self.script.nodes(ast.Attribute) if isinstance(node.ctx, ast.Store)}
        for statement in self.script.nodes(ast.Assign, ast.AnnAssign):
            for target in getattr(statement, "targets", None) or [statement.target]:
                for node, value in placed(target, statement.value or UNKNOWN):
                    if isinstance(node, ast.Attribute):
                        own = ast.unparse(node.value) == "self"
                        held.setdefault(node.attr, []).append((self.owner(node) if own else None, value))
                        targets.discard(node)
        for node in targets:
            held.setdefault(node.attr, []).append((None, UNKNOWN))
        return held

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
        last = self._last_binding(node)
        if last is not None:
            assigned = [value for name, value in bound(last) if name == node.id]
            return self.value(assigned[-1]) if assigned and assigned[-1] is not UNKNOWN else None
        origins = self.origins(node)
        return origins[0] if origins and len(origins) == 1 else None

    def element(self, node: ast.Name) -> tuple[ast.Call, int] | None:
        """Return the call whose result a name is unpacked from in its block, and the place in that result.

        >>> script = Script.parse("a, b = f()\\nb")
        >>> Flow(script).element(script.tree.body[1].value)[1]
        1
        """
        match self._last_binding(node):
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Call() as call):
                places = [place for place, name in enumerate(names) if getattr(name, "id", "") == node.id]
                starred = any(isinstance(name, ast.Starred) for name in names)
                return (call, places[0]) if len(places) == 1 and not starred else None
        return None

    def _last_binding(self, node: ast.Name) -> ast.AST | None:
        """Return the last statement before a name in its block that binds the name, maybe inside itself."""
        statement: ast.AST = self.script.statement(node)
        while not isinstance(statement, (*FUNCTIONS, ast.Module)):
            parent = self.script.parents[statement]
            for before in reversed(_above(parent, statement)):
                if any(name == node.id for inner in (before, *inside(before)) for name, _ in bound(inner)):
                    return before
            if not isinstance(parent, ast.With):
                break
            statement = parent
        return None

    def calls(self, function: ast.AST) -> list[ast.Call] | None:
        """Return every call of a function of this file; None if it is also passed around or decorated."""
        if not isinstance(function, FUNCTIONS) or not all(map(self._transparent, function.decorator_list)):
            return None
        return self._only_called(function.name, self.script.scope(function), function)

    def constructions(self, built: ast.AST) -> list[ast.Call] | None:
        """Return every call of a class of this file; None if it is also used in another way."""
        if not isinstance(built, ast.ClassDef) or built.decorator_list:
            return None
        return self._only_called(built.name, self.script.scope(built), built)

    def _only_called(self, name: str, scope: ast.AST, definition: ast.AST) -> list[ast.Call] | None:
        """Return the calls of a definition by its name; None if the name is read or bound otherwise too."""
        if self.bound(scope).get(name, []) != [definition]:
            return None
        names = self.script.names.get(name, ())
        uses = [node for node in names if isinstance(node.ctx, ast.Load) and self.home(node) is scope]
        calls = [self.script.parents[use] for use in uses]
        called = (
            isinstance(call, ast.Call) and call.func is use for call, use in zip(calls, uses, strict=True)
        )
        return calls if all(called) else None  # type: ignore[return-value]  # each one is a call

    def _transparent(self, decorator: ast.expr) -> bool:
        """Return True for a decorator that leaves the arguments and the result as they are."""
        name = self.script.dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        return name in {"torch.no_grad", "torch.inference_mode", "torch.enable_grad"}

    def arguments(self, parameter: ast.arg) -> list[ast.AST] | None:
        """Return the arguments that calls give for a parameter; None if one of them is unknown."""
        function = self.script.scope(parameter)
        if not isinstance(function, FUNCTIONS):
            return None
        built = self.script.parents[function]
        constructs = isinstance(built, ast.ClassDef) and function.name == "__init__"
        calls = self.constructions(built) if constructs else self.calls(function)
        if not calls:
            return None
        given = [_given(call, function, parameter.arg, bound=int(constructs)) for call in calls]
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
        match origins[0]:
            case ast.Constant(value=value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.literal(operand)
                return -inner if isinstance(inner, int | float) else ...
            case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                values = self.literal(left), self.literal(right)
                numbers = all(isinstance(value, int | float) for value in values)
                return ARITHMETIC[type(op)](*values) if numbers else ...
        return ...


def _above(parent: ast.AST, statement: ast.AST) -> list[ast.AST]:
    """Return the statements before a statement in its block."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, [])
        if statement in block:
            return block[: block.index(statement)]
    return []


def _given(call: ast.Call, function: Function, name: str, bound: int = 0) -> ast.AST | None:
    """Return the argument that a call gives for the parameter `name`, or the default.

    The first `bound` parameters, such as `self`, are not among the arguments.
    """
    if any(isinstance(value, ast.Starred) for value in call.args) or any(
        not word.arg for word in call.keywords
    ):
        return None
    for word in call.keywords:
        if word.arg == name:
            return word.value
    spec = function.args
    positional = [*spec.posonlyargs, *spec.args][bound:]
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
