"""The units of a slice: every statement of a module, including those inside conditions, loops and `with`."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from netwright.slicing.effects import Definitions, Effects
from netwright.slicing.names import Function, aliases, behind, bound, outside, own, reads

COMPOUND = ast.If | ast.For | ast.While | ast.With | ast.Try | ast.TryStar
"""Statements with blocks of which a part can be left out."""
LOOPS = ast.For | ast.While
DYNAMIC = {"exec", "globals", "locals"}
"""Builtins that bind names that no reader of the text can tell."""


@dataclass(eq=False)
class Unit:
    """A statement, or the head of a compound one.

    Args:
        node: the statement.
        above: the head of the compound statement that it stands in.
        place: its number in the order of the text.
        guarded: it stands below `if __name__ == "__main__"`, which is not true when a file is imported.
    """

    node: ast.stmt
    above: "Unit | None"
    place: int
    guarded: bool
    binds: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    effects: Effects = field(default_factory=Effects)
    trains: bool = False

    @property
    def heads(self) -> Iterator["Unit"]:
        """The compound statements that it stands in, the innermost first."""
        unit = self.above
        while unit is not None:
            yield unit
            unit = unit.above

    @property
    def loop(self) -> "Unit | None":
        """The outermost loop that it stands in, or that it begins."""
        loops = [unit for unit in (self, *self.heads) if isinstance(unit.node, LOOPS)]
        return loops[-1] if loops else None

    @property
    def certain(self) -> bool:
        """Whether it is always executed, so that what it binds replaces what was bound before."""
        weak = isinstance(self.node, ast.AugAssign | ast.Expr | COMPOUND)
        return not weak and all(isinstance(unit.node, ast.With) for unit in self.heads)

    @property
    def defines(self) -> bool:
        """Whether it defines a function or a class."""
        return isinstance(self.node, Function | ast.ClassDef)

    @property
    def imports(self) -> bool:
        """Whether it is an import."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @property
    def dynamic(self) -> bool:
        """Whether it may bind any name."""
        return not self.defines and bool(self.reads & DYNAMIC)


def units(tree: ast.Module, definitions: Definitions) -> list[Unit]:
    """Return the units of a module in the order of the text."""
    made: list[Unit] = []
    known = aliases(own(tree))
    waiting: list[tuple[ast.stmt, Unit | None, bool]]
    waiting = [(node, None, False) for node in reversed(tree.body)]
    while waiting:
        node, above, guarded = waiting.pop()
        unit = _read(Unit(node, above, len(made), guarded), definitions, known)
        made.append(unit)
        for name, block in reversed(list(blocks(node))):
            below = guarded or (is_guard(node) and name == "body")
            waiting += [(inner, unit, below) for inner in reversed(block)]
    return made


def blocks(node: ast.stmt) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Yield the blocks of a compound statement by name; a `try` has one more for each of its handlers."""
    if isinstance(node, COMPOUND):
        yield "body", node.body
        for handler in getattr(node, "handlers", []):
            yield "handlers", handler.body
        for name in ("orelse", "finalbody"):
            if block := getattr(node, name, []):
                yield name, block


def is_guard(node: ast.stmt) -> bool:
    """Return whether a statement is `if __name__ == "__main__"`."""
    return (
        isinstance(node, ast.If) and "__name__" in reads(node.test) and "__main__" in ast.unparse(node.test)
    )


def _read(unit: Unit, definitions: Definitions, known: dict[str, set[str]]) -> Unit:
    """Fill in what a statement reads, binds and changes, without the blocks of a compound one."""
    pieces = _pieces(unit.node)
    unit.reads = set().union(*(reads(piece, later=False) for piece in pieces))
    unit.binds = set().union(*map(bound, outside(pieces)))
    unit.trains = _trained(unit, definitions)
    executed = _decorations(unit.node) if unit.defines else pieces
    certain, possible, bound_there = definitions.changed(n for piece in executed for n in ast.walk(piece))
    unit.effects = Effects(behind(certain, known), behind(possible, known))
    unit.binds |= bound_there
    return unit


def _trained(unit: Unit, definitions: Definitions) -> bool:
    """Return whether the statement, or a loop that it stands in, trains."""
    if any(head.trains and isinstance(head.node, LOOPS) for head in unit.heads):
        return True
    if isinstance(unit.node, COMPOUND) and not isinstance(unit.node, LOOPS):
        return False
    return not unit.defines and definitions.trains(unit.node)


def _decorations(node: ast.stmt) -> list[ast.AST]:
    """Return the decorators of a definition as the calls that they make."""
    decorators = [each for each in getattr(node, "decorator_list", ())]
    return [ast.Expr(each if isinstance(each, ast.Call) else ast.Call(each, [], [])) for each in decorators]


def _pieces(node: ast.stmt) -> list[ast.AST]:
    match node:
        case ast.If(test=test) | ast.While(test=test):
            return [test]
        case ast.For(target=target, iter=iterated):
            return [target, iterated]
        case ast.With(items=items):
            return list(items)
        case ast.Try(handlers=handlers) | ast.TryStar(handlers=handlers):
            return [handler.type for handler in handlers if handler.type]
    return [node]
