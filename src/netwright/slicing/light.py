"""Statements that cost nothing and wait for nothing, so that they may stay whether they are needed or not."""

import ast
import builtins
import re
from collections.abc import Callable

from netwright.slicing.effects import Definitions
from netwright.slicing.names import roots
from netwright.slicing.unit import Unit

PURE = re.compile(
    r"int|float|str|bool|len|max|min|range|list|dict|tuple|set|frozenset|sorted|abs|round|sum|zip|isinstance|type"
    r"|os\.path\.\w+|os\.getcwd|os\.environ\.get|os\.getenv|pathlib\.Path|torch\.device|torch\.\w+\.is_available"
    r"|torch\.cuda\.device_count|(\w+\.)*get_?[lL]ogger|(typing|typing_extensions|collections|functools|types|enum|dataclasses)\.\w+"
    r"|argparse\.Namespace|re\.compile|object|property|slice|torch\.Size"
)
"""Functions that only compute a value."""
SETTING = re.compile(
    r"sys\.path\.\w+|sys\.set\w+|os\.environ\.\w+|os\.chdir|os\.putenv|warnings\.\w+|logging\.\w+|matplotlib\.use"
    r"|(\w+\.)*\w*seed\w*|torch\.(set_\w+|use_\w+)|(\w+\.)+register\w*|(\w+\.)+add_safe_globals"
)
"""Functions that set what the statements after them depend on: the search path, seeds, defaults."""


class Light:
    """Judges the units of a module.

    Args:
        definitions: what the names of the module stand for.
        binders: the units that bind a name.
        needed: the names that are needed anyway; it may grow.
        importable: whether an import can succeed.
    """

    def __init__(
        self,
        definitions: Definitions,
        binders: dict[str, list[Unit]],
        needed: set[str],
        importable: Callable[[Unit], bool],
    ):
        self.definitions, self.binders, self.needed = definitions, binders, needed
        self.importable = importable

    def readable(self, unit: Unit, seen: frozenset[Unit] = frozenset()) -> bool:
        """Return whether all that a unit reads is there without executing anything that costs."""
        around = frozenset((unit, *unit.heads))
        names = set().union(*(each.reads for each in around))
        return all(map(self._short, unit.heads)) and all(self._name(name, seen | around) for name in names)

    def _short(self, head: Unit) -> bool:
        """Return whether a compound statement, if it is a loop, runs over a part of something needed."""
        if not isinstance(head.node, ast.For):
            return not isinstance(head.node, ast.While)
        calls = [node for node in ast.walk(head.node.iter) if isinstance(node, ast.Call)]
        return bool(roots(head.node.iter) & self.needed) or all(map(self._pure, calls))

    def _name(self, name: str, seen: frozenset[Unit]) -> bool:
        binders = self.binders.get(name, [])
        if name in self.needed or not binders:
            return name in self.needed or hasattr(builtins, name) or name.startswith("__")
        if any(unit.imports for unit in binders):
            return any(unit.imports and self.importable(unit) for unit in binders)
        return any(unit in seen for unit in binders) or all(self.constant(unit, seen) for unit in binders)

    def constant(self, unit: Unit, seen: frozenset[Unit] = frozenset()) -> bool:
        """Return whether a unit is a definition, or an assignment that only computes a value."""
        if unit.guarded or unit.trains:
            return False
        if not unit.defines:
            calls = [node for node in ast.walk(unit.node) if isinstance(node, ast.Call)]
            if not isinstance(unit.node, ast.Assign | ast.AnnAssign) or not all(map(self._pure, calls)):
                return False
        return not unit.effects.certain and self.readable(unit, seen)

    def _pure(self, call: ast.Call) -> bool:
        name = self.definitions.dotted(call.func) or ast.unparse(call.func)
        return PURE.fullmatch(name) is not None

    def setting(self, unit: Unit) -> bool:
        """Return whether a unit sets what later statements depend on, such as the search path or a seed."""
        if unit.guarded or unit.trains:
            return False
        match unit.node:
            case ast.Expr(value=ast.Call(func=func)):
                return SETTING.fullmatch(self.definitions.dotted(func) or ast.unparse(func)) is not None
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
                return bool(unit.effects.certain & set(self.definitions.imports))
        return False
