"""Which functions of a script call which. A file is walked once, however many loops and rules ask."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from netwright.lint.flow import flow, inside
from netwright.lint.script import FUNCTIONS, Function, Script

GRADLESS = {"no_grad", "inference_mode", "set_grad_enabled"}


@lru_cache(maxsize=8)
def calls(script: Script) -> "Calls":
    """The calls of a script, made once."""
    return Calls(script)


@dataclass(eq=False)
class Calls:
    """What runs what, methods by their names: `x.step()` may run every method `step` of the file."""

    script: Script
    _nodes: dict[ast.AST, list[ast.AST]] = field(default_factory=dict)
    _words: dict[ast.AST, frozenset[str]] = field(default_factory=dict)
    _callees: dict[ast.AST, tuple[list[Function], frozenset[str]]] = field(default_factory=dict)
    _reached: dict[ast.AST, dict[ast.AST, None]] = field(default_factory=dict)
    _reads: dict[ast.AST, dict[str, list[ast.Name]]] = field(default_factory=dict)
    _additions: dict[ast.AST, dict[str, list[ast.AugAssign]]] = field(default_factory=dict)
    _gradless: dict[ast.AST, bool] = field(default_factory=dict)
    _around: dict[ast.AST, list[ast.AST] | None] = field(default_factory=dict)

    def nodes(self, scope: ast.AST) -> list[ast.AST]:
        """The nodes inside a loop or function, without those of functions defined in it."""
        if scope not in self._nodes:
            self._nodes[scope] = list(inside(scope))
        return self._nodes[scope]

    def words(self, scopes: Iterable[ast.AST]) -> set[str]:
        """The names of all attributes that are read or written inside scopes."""
        found: set[str] = set()
        for scope in scopes:
            if scope not in self._words:
                nodes = self.nodes(scope)
                self._words[scope] = frozenset(node.attr for node in nodes if isinstance(node, ast.Attribute))
            found |= self._words[scope]
        return found

    def methods(self, scope: ast.AST, *names: str) -> list[ast.Call]:
        """The calls of methods of these names inside a scope."""
        if self.words([scope]).isdisjoint(names):
            return []
        return [
            node
            for node in self.nodes(scope)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
        ]

    def reads(self, name: ast.Name) -> list[ast.Name]:
        """Where the scope of a name reads it."""
        scope = self.script.scope(name)
        if scope not in self._reads:
            found = self._reads[scope] = {}
            for node in self.nodes(scope):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                    found.setdefault(node.id, []).append(node)
        return self._reads[scope].get(name.id, [])

    def additions(self, name: ast.Name) -> list[ast.AugAssign]:
        """Where the scope of a name adds to it, by `+=`."""
        scope = self.script.scope(name)
        if scope not in self._additions:
            found = self._additions[scope] = {}
            for node in self.nodes(scope):
                match node:
                    case ast.AugAssign(op=ast.Add(), target=ast.Name(id=target)):
                        found.setdefault(target, []).append(node)
        return self._additions[scope].get(name.id, [])

    def called(self, call: ast.Call) -> list[Function]:
        """The functions of this file that a call may run."""
        direct = flow(self.script).function(call)
        if direct is not None:
            return [direct]
        return self._named.get(call.func.attr, []) if isinstance(call.func, ast.Attribute) else []

    def callers(self, function: ast.AST) -> list[ast.Call]:
        """The calls in this file that may run a function."""
        named: list[ast.Call] = []
        if isinstance(function, FUNCTIONS) and isinstance(self.script.parents[function], ast.ClassDef):
            named = self._by_method.get(function.name, [])
        return [*self._direct.get(function, []), *named]

    def reached(self, node: ast.AST) -> dict[ast.AST, None]:
        """A loop or function and the functions of this file that it calls, and those they call, each once."""
        if node in self._reached:
            return self._reached[node]
        found: dict[ast.AST, None] = {node: None}
        waiting, known = [node], set[str]()
        while waiting:
            direct, names = self._called_in(waiting.pop())
            named = (function for name in names - known for function in self._named.get(name, ()))
            for function in (*direct, *named):
                if function not in found:
                    found[function] = None
                    waiting.append(function)
            known |= names
        self._reached[node] = found
        return found

    def surroundings(self, node: ast.AST) -> list[ast.AST] | None:
        """The function a node stands in and the functions that call that one, up to the module.

        None when one of them is called from nowhere in this file, so that its circumstances cannot be known.
        """
        scope = self.script.scope(node)
        if scope not in self._around:
            self._around[scope] = self._above(scope)
        return self._around[scope]

    def _above(self, scope: ast.AST) -> list[ast.AST] | None:
        found: dict[ast.AST, None] = {}
        waiting = [scope]
        while waiting:
            scope = waiting.pop()
            if scope in found:
                continue
            found[scope] = None
            if isinstance(scope, ast.Module):
                continue
            callers = self.callers(scope)
            if not callers:
                return None
            waiting += [self.script.scope(call) for call in callers]
        return list(found)

    def gradless(self, scopes: Iterable[ast.AST]) -> bool:
        """True when one of the scopes has `no_grad` or its like in it or around it."""
        for scope in scopes:
            if scope not in self._gradless:
                self._gradless[scope] = any(gradless(node) for node in (scope, *self.nodes(scope)))
            if self._gradless[scope]:
                return True
        return False

    def _called_in(self, scope: ast.AST) -> tuple[list[Function], frozenset[str]]:
        """The functions called by their own names inside a scope, and the names of the methods called."""
        if scope not in self._callees:
            made = [node for node in self.nodes(scope) if isinstance(node, ast.Call)]
            direct = [found for call in made if (found := flow(self.script).function(call))]
            names = frozenset(call.func.attr for call in made if isinstance(call.func, ast.Attribute))
            self._callees[scope] = direct, names
        return self._callees[scope]

    @cached_property
    def _named(self) -> dict[str, list[Function]]:
        """The methods of the file's classes by their names."""
        found: dict[str, list[Function]] = {}
        for node in self.script.nodes(*FUNCTIONS):
            if isinstance(self.script.parents[node], ast.ClassDef):
                found.setdefault(node.name, []).append(node)
        return found

    @cached_property
    def _direct(self) -> dict[ast.AST, list[ast.Call]]:
        """The calls of each function by its own name."""
        found: dict[ast.AST, list[ast.Call]] = {}
        for call in self.script.nodes(ast.Call):
            function = flow(self.script).function(call)
            if function is not None:
                found.setdefault(function, []).append(call)
        return found

    @cached_property
    def _by_method(self) -> dict[str, list[ast.Call]]:
        """The calls of methods by their names."""
        found: dict[str, list[ast.Call]] = {}
        for call in self.script.nodes(ast.Call):
            if isinstance(call.func, ast.Attribute):
                found.setdefault(call.func.attr, []).append(call)
        return found


def gradless(node: ast.AST) -> bool:
    """True for `no_grad` and its like, and for a function decorated with one."""
    if isinstance(node, FUNCTIONS):
        return any(gradless(inner) for mark in node.decorator_list for inner in ast.walk(mark))
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in GRADLESS
