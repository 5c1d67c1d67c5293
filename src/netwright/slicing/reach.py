"""The names that the definitions of a file read when they are called, as far as building a network goes."""

import ast
from collections.abc import Iterator

from netwright.slicing.effects import Definitions
from netwright.slicing.names import Function, called, reads

CALLED = {"forward", "extra_repr", "reset_parameters", "_init_weights", "init_weights"}
"""Methods that torch calls, or that classes of networks expect their parts to have."""
BASES = ("torch", "lightning", "pytorch_lightning")
"""Packages whose classes call no methods of a subclass while a network is built and run but those above."""
UNREADABLE = {"globals", "locals", "eval", "exec"}


class Reach:
    """The methods that building and running a network may call, by the names of their attributes.

    A class of a script often holds more than its network: methods that train it, or that load its data.
    """

    def __init__(self, tree: ast.Module, definitions: Definitions):
        self.definitions = definitions
        self._later: dict[ast.AST, set[str]] = {}
        self.methods = set(CALLED)
        outside = [node for node in tree.body if not isinstance(node, ast.ClassDef)]
        for node in outside:
            if not definitions.trains(node):
                self.methods |= _attributes(node)
        self._spread()

    def _spread(self) -> None:
        """Add the methods that reached methods call, until there are no more."""
        reached: set[ast.AST] = set()
        while True:
            fresh = {m for made in self.definitions.classes.values() for m in self.parts(made)} - reached
            if not fresh:
                return
            reached |= fresh
            self.methods |= set().union(*map(_attributes, fresh))

    def parts(self, made: ast.ClassDef) -> Iterator[ast.stmt]:
        """Yield the methods and nested classes of a class that may be called."""
        whole = not all(map(self._known, made.bases)) or "getattr" in reads(made)
        for node in made.body:
            if isinstance(node, Function) and not whole and node.name not in self.methods:
                if node.name.startswith("__"):
                    yield node
            elif isinstance(node, Function | ast.ClassDef):
                yield node

    def _known(self, base: ast.expr, below: frozenset[ast.ClassDef] = frozenset()) -> bool:
        """Return whether a base class, and every base of it, calls no methods that are unknown."""
        made = self.definitions.classes.get(base.id) if isinstance(base, ast.Name) else None
        if made is not None:
            return made in below or all(self._known(each, below | {made}) for each in made.bases)
        return ast.unparse(base) == "object" or self.definitions.dotted(base).startswith(BASES)

    def later(self, node: ast.AST) -> set[str]:
        """Return the names that a function or a class reads from the module when it is called.

        >>> tree = ast.parse("class Net:\\n def forward(self): return args\\n def fit(self): return loader")
        >>> Reach(tree, Definitions.of(tree)).later(tree.body[0])
        {'args'}
        """
        if node not in self._later:
            self._later[node] = self._read(node)
        return self._later[node]

    def _read(self, node: ast.AST) -> set[str]:
        if isinstance(node, ast.ClassDef):
            return set().union(*map(self.later, self.parts(node)))
        if not isinstance(node, Function):
            return set()
        names = called(node)
        if names & UNREADABLE or "modules[__name__]" in ast.unparse(node):
            names |= {*self.definitions.functions, *self.definitions.classes}
        return names


def _attributes(node: ast.AST) -> set[str]:
    return {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
