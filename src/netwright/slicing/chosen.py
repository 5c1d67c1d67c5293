"""Choose the statements of a module that one of its names needs, directly or through other statements."""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator

from netwright.slicing.effects import Definitions
from netwright.slicing.light import Light
from netwright.slicing.reach import Reach
from netwright.slicing.unit import Unit, units

TRAINED = ("train", "fit", "learn")


class Choice:
    """The units of a module, and those that were chosen.

    Statements that bind a needed name are followed backwards from where it is read. Statements that change
    the object behind a needed name are chosen wherever they stand, since others may hold the same object;
    but not those that train it, which change nothing but its weights.

    Args:
        tree: the module.
        importable: whether an import, by the name of its package, can succeed.
    """

    def __init__(self, tree: ast.Module, importable: Callable[[str], bool]):
        self.definitions = Definitions.of(tree)
        self.units = units(tree, self.definitions)
        self.reach = Reach(tree, self.definitions)
        self.importable = importable
        self.end = len(self.units)
        self.saves = any(isinstance(node, ast.Attribute) and node.attr == "save" for node in ast.walk(tree))
        self.kept: set[Unit] = set()
        self.asked: set[tuple[str, int]] = set()
        self.names: set[str] = set()
        self.waiting: list[tuple[str, int]] = []
        self.doubtful: dict[Unit, None] = {}
        self._index()
        self.light = Light(self.definitions, self.binders, self.names, self._importable)

    def _index(self) -> None:
        """Sort the units by the names that they bind and change."""
        everywhere: dict[str, list[Unit]] = defaultdict(list)
        for unit in self.units:
            for name in unit.binds:
                everywhere[name].append(unit)
        hidden = {name for name, bound in everywhere.items() if all(unit.guarded for unit in bound)}
        self.binders: dict[str, list[Unit]] = defaultdict(list)
        self.changers: dict[str, list[Unit]] = defaultdict(list)
        for unit in self.units:
            for name in unit.binds:
                if name in hidden or not unit.guarded:
                    (self.changers if self._again(unit, name) else self.binders)[name].append(unit)
            for name in unit.effects.certain | unit.effects.possible:
                if name in hidden or not unit.guarded:
                    self.changers[name].append(unit)

    def _again(self, unit: Unit, name: str) -> bool:
        """Return whether a unit gives a name to what it had, moved or trained: `net = net.to(device)`."""
        match unit.node:
            case ast.Assign(value=ast.Call() as call) if name in unit.reads:
                called = ast.unparse(call.func).rpartition(".")[2]
                return unit.trains or called.startswith(TRAINED) or called in {"to", "cuda", "cpu", "eval"}
        return False

    def follow(self, name: str) -> None:
        """Choose all that a name needs at the end of the module."""
        for unit in self.units:
            if unit.imports and self._importable(unit):
                self.doubtful[unit] = None
            elif unit.dynamic and not unit.trains and not unit.guarded:
                self._keep(unit)
            elif self.light.setting(unit) or isinstance(unit.node, ast.Raise | ast.Break | ast.Continue):
                self.doubtful[unit] = None
        self.waiting.append((name, self.end))
        self._drain()
        while fresh := [unit for unit in self._candidates() if unit not in self.kept]:
            for unit in fresh:
                self._keep(unit)
            self._drain()

    def _importable(self, unit: Unit) -> bool:
        if unit.guarded:
            return False
        match unit.node:
            case ast.ImportFrom(module=str(name), names=names, level=0) if names[0].name != "*":
                return self.importable(name.partition(".")[0])
            case ast.Import(names=names):
                return all(self.importable(alias.name.partition(".")[0]) for alias in names)
        return True

    def _candidates(self) -> list[Unit]:
        """Return the units that may stay because nothing that they read costs anything."""
        chosen = [unit for unit in self.doubtful if self._stays(unit)]
        constants = [unit for unit in self.units if unit.certain and self.light.constant(unit)]
        return chosen + [unit for unit in constants if all(head in self.kept for head in unit.heads)]

    def _stays(self, unit: Unit) -> bool:
        """Return whether a doubtful unit stays now; others may later, when more names are needed."""
        if isinstance(unit.node, ast.Raise | ast.Break | ast.Continue):
            loop = isinstance(unit.node, ast.Break) and unit.loop
            if loop and loop in self.kept and isinstance(loop.node, ast.While):
                return True
            return not self.kept.isdisjoint(unit.heads) and self.light.readable(unit)
        if self.saves and "load_state_dict" in ast.unparse(unit.node):
            return False
        return self.light.readable(unit)

    def _drain(self) -> None:
        while self.waiting:
            name, place = self.waiting.pop()
            if (name, place) not in self.asked:
                self.asked.add((name, place))
                self._need(name, place)

    def _need(self, name: str, place: int) -> None:
        """Choose what binds a name that is read at a place, and what changes its object."""
        binders = list(self._reaching(name, place))
        if binders or name in self.changers:
            self.names.add(name)
        for unit in binders:
            self._keep(unit)
            if unit.defines:
                later = self.reach.later(unit.node)
                self.waiting += [(read, at) for read in later for at in (place, self.end)]
        start = next((unit.place for unit in binders if unit.certain), -1)
        certain = [
            unit.place for unit in self.binders[name] if unit.certain and unit.place > max(start, place)
        ]
        for unit in self.changers[name]:
            if start < unit.place < min([*certain, self.end]) and not unit.trains:
                self._change(unit, name)

    def _change(self, unit: Unit, name: str) -> None:
        if name in unit.effects.certain and name not in self.definitions.imports:
            self._keep(unit)
        else:
            self.doubtful[unit] = None

    def _reaching(self, name: str, place: int) -> Iterator[Unit]:
        """Yield the units whose binding of a name can be the one that is read at a place, the last first."""
        reader = self.units[place].loop if place < self.end else None
        if reader is not None:
            yield from (unit for unit in self.binders[name] if unit.place >= place and unit.loop is reader)
        for unit in reversed(self.binders[name]):
            if unit.place < place:
                yield unit
                if unit.certain:
                    return

    def _keep(self, unit: Unit) -> None:
        """Choose a unit, with the statements that it stands in and all that they read."""
        if unit in self.kept:
            return
        self.kept.add(unit)
        self.waiting += [(name, unit.place) for name in unit.reads]
        for head in unit.heads:
            self._keep(head)
        if isinstance(unit.node, ast.Try | ast.TryStar):
            handled = {node for handler in unit.node.handlers for node in ast.walk(handler)}
            for inner in self.units:
                if inner.node in handled and not inner.trains:
                    self._keep(inner)
