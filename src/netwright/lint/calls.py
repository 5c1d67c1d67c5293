"""The calls between the functions of a script; a file is walked once, however many loops and rules ask."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache, wraps
from typing import Any, TypeVar

from netwright.lint.bindings import inside
from netwright.lint.flow import flow
from netwright.lint.modules import defined
from netwright.lint.script import FUNCTIONS, Function, Script

Result = TypeVar("Result")
GRADLESS = {"no_grad", "inference_mode", "set_grad_enabled"}
PLAIN = ("torch.", "functools.", "contextlib.", "typing.", "abc.", "click.", "typer.", "hydra.", "pytest.")
"""Packages whose decorators change neither the mode of a network nor the recording of gradients."""
BUILTIN = {"staticmethod", "classmethod", "property"}


def once_per_node(method: Callable[[Any, ast.AST], Result]) -> Callable[[Any, ast.AST], Result]:
    """Make a method compute its result for a node once, and keep it as long as its object lives."""

    @wraps(method)
    def kept(self: Any, node: ast.AST) -> Result:
        results = self.__dict__.setdefault(f"_results_of_{method.__name__}", {})
        if node not in results:
            results[node] = method(self, node)
        return results[node]

    return kept


@lru_cache(maxsize=8)
def calls(script: Script) -> "Calls":
    """Return the calls of a script, which are worked out once."""
    return Calls(script)


@dataclass(eq=False)
class Calls:
    """The calls of one script; methods are known by name only, so `x.step()` may run any `step` of it."""

    script: Script

    @once_per_node
    def nodes(self, scope: ast.AST) -> list[ast.AST]:
        """Return the nodes inside a loop or function, without those of functions defined in it."""
        return list(inside(scope))

    def words(self, scopes: Iterable[ast.AST]) -> set[str]:
        """Return the names of all attributes that are read or written inside scopes."""
        return set().union(*map(self._words, scopes))

    @once_per_node
    def _words(self, scope: ast.AST) -> set[str]:
        return {node.attr for node in self.nodes(scope) if isinstance(node, ast.Attribute)}

    def methods(self, scope: ast.AST, *names: str) -> list[ast.Call]:
        """Return the calls of methods of these names inside a scope."""
        if self.words([scope]).isdisjoint(names):
            return []
        return [
            node
            for node in self.nodes(scope)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
        ]

    def reads(self, name: ast.Name) -> list[ast.Name]:
        """Return the places where the scope of a name reads it."""
        return self._reads(self.script.scope(name)).get(name.id, [])

    @once_per_node
    def _reads(self, scope: ast.AST) -> dict[str, list[ast.Name]]:
        reads: dict[str, list[ast.Name]] = {}
        for node in self.nodes(scope):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                reads.setdefault(node.id, []).append(node)
        return reads

    def additions(self, name: ast.Name) -> list[ast.AugAssign]:
        """Return the places where the scope of a name adds to it, by `+=`."""
        return self._additions(self.script.scope(name)).get(name.id, [])

    @once_per_node
    def _additions(self, scope: ast.AST) -> dict[str, list[ast.AugAssign]]:
        additions: dict[str, list[ast.AugAssign]] = {}
        for node in self.nodes(scope):
            match node:
                case ast.AugAssign(op=ast.Add(), target=ast.Name(id=target)):
                    additions.setdefault(target, []).append(node)
        return additions

    def called(self, call: ast.Call) -> list[Function]:
        """Return the functions of this file that a call may run."""
        direct = flow(self.script).function(call)
        if direct is not None:
            return [direct]
        return self._named.get(call.func.attr, []) if isinstance(call.func, ast.Attribute) else []

    def callers(self, function: ast.AST) -> list[ast.Call]:
        """Return the calls in this file that may run a function."""
        named: list[ast.Call] = []
        if isinstance(function, FUNCTIONS) and isinstance(self.script.parents[function], ast.ClassDef):
            named = self._by_method.get(function.name, [])
        return [*self._direct.get(function, []), *named]

    @once_per_node
    def reached(self, node: ast.AST) -> dict[ast.AST, None]:
        """Return a loop or function and the functions of this file that run when it runs, each once."""
        reached: dict[ast.AST, None] = {node: None}
        waiting, known = [node], set[str]()
        while waiting:
            direct, names = self._called_in(waiting.pop())
            named = (function for name in names - known for function in self._named.get(name, ()))
            for function in (*direct, *named):
                if function not in reached:
                    reached[function] = None
                    waiting.append(function)
            known |= names
        return reached

    def surroundings(self, node: ast.AST) -> list[ast.AST] | None:
        """Return the function that a node stands in and the functions that call that one, up to the module.

        The result is None when one of them is called from nowhere in this file, because what runs around it
        is then unknown.
        """
        return self._callers_of(self.script.scope(node))

    @once_per_node
    def _callers_of(self, scope: ast.AST) -> list[ast.AST] | None:
        scopes: dict[ast.AST, None] = {}
        waiting = [scope]
        while waiting:
            scope = waiting.pop()
            if scope in scopes:
                continue
            scopes[scope] = None
            if isinstance(scope, ast.Module):
                continue
            callers = self.callers(scope)
            if not callers:
                return None
            waiting += [self.script.scope(call) for call in callers]
        return list(scopes)

    def gradless(self, loop: ast.AST) -> bool:
        """Return True when a loop may run under `no_grad`, by its function or by one that calls it."""
        waiting, seen = [loop], set[ast.AST]()
        while waiting:
            node = waiting.pop()
            scope = self.script.scope(node)
            if self._gradless_at(node, scope):
                return True
            if scope not in seen:
                seen.add(scope)
                waiting += self.callers(scope)
        return False

    def _gradless_at(self, node: ast.AST, scope: ast.AST) -> bool:
        """Return True when the function around a node has `no_grad` or an equivalent for it.

        A `with` elsewhere in the function does not count.
        """
        around = [node, *self.script.above(node)]
        if GRADLESS & (self.marks(scope) or set()):
            return True
        for inner in self.nodes(scope):
            if isinstance(inner, ast.Name | ast.Attribute) and gradless(inner):
                block = self.script.statement(inner)
                within = block in around or any(up is node for up in self.script.above(block))
                if within or not isinstance(block, ast.With | ast.AsyncWith):
                    return True
        return any(isinstance(block, ast.With) and GRADLESS & self._entered(block) for block in around)

    def _entered(self, block: ast.With) -> set[str]:
        """Return the names that the context managers of a `with` mention, where the file defines them."""
        heads = [item.context_expr for item in block.items]
        managers = [defined(self.script, head.func) for head in heads if isinstance(head, ast.Call)]
        return set().union(*(mentioned(manager) for manager in managers if manager is not None))

    @once_per_node
    def marks(self, scope: ast.AST) -> set[str] | None:
        """Return the names that the decorators of a function mention, also where they are defined.

        The result is None if a decorator comes from a place that cannot be read.
        """
        words = set[str]()
        for mark in scope.decorator_list if isinstance(scope, FUNCTIONS) else ():
            own = mentioned(mark)
            head = mark.func if isinstance(mark, ast.Call) else mark
            definition = defined(self.script, head)
            home = self.script.dotted(head) or ""
            if definition is None and not (own & (GRADLESS | BUILTIN) or home.startswith(PLAIN)):
                return None
            words |= own | (mentioned(definition) if definition is not None else set())
        return words

    @once_per_node
    def _called_in(self, scope: ast.AST) -> tuple[list[Function], frozenset[str]]:
        """Return the functions that a scope calls by their own names, and the methods that it calls."""
        made = [node for node in self.nodes(scope) if isinstance(node, ast.Call)]
        direct = [function for call in made if (function := flow(self.script).function(call))]
        return direct, frozenset(call.func.attr for call in made if isinstance(call.func, ast.Attribute))

    @cached_property
    def _named(self) -> dict[str, list[Function]]:
        """The methods of the file's classes by their names."""
        methods: dict[str, list[Function]] = {}
        for node in self.script.nodes(*FUNCTIONS):
            if isinstance(self.script.parents[node], ast.ClassDef):
                methods.setdefault(node.name, []).append(node)
        return methods

    @cached_property
    def _direct(self) -> dict[ast.AST, list[ast.Call]]:
        """The calls of each function by its own name."""
        callers: dict[ast.AST, list[ast.Call]] = {}
        for call in self.script.nodes(ast.Call):
            function = flow(self.script).function(call)
            if function is not None:
                callers.setdefault(function, []).append(call)
        return callers

    @cached_property
    def _by_method(self) -> dict[str, list[ast.Call]]:
        """The calls of methods by their names."""
        callers: dict[str, list[ast.Call]] = {}
        for call in self.script.nodes(ast.Call):
            if isinstance(call.func, ast.Attribute):
                callers.setdefault(call.func.attr, []).append(call)
        return callers


def mentioned(node: ast.AST) -> set[str]:
    """Return the names and attributes that are mentioned in a node."""
    inside_it = list(ast.walk(node))
    names = {inner.id for inner in inside_it if isinstance(inner, ast.Name)}
    return names | {inner.attr for inner in inside_it if isinstance(inner, ast.Attribute)}


def gradless(node: ast.AST) -> bool:
    """Return True for `no_grad` and its equivalents."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in GRADLESS
