"""What a call may change: the objects behind the names that it reaches, and the weights that it trains."""

import ast
import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from netwright.slicing.names import Function, aliases, behind, bound, declared, own, parameters, roots, stored

TRAINING = {"backward", "step"}
MODE = {"train", "eval", "to", "cuda", "cpu", "half", "float", "double", "load_state_dict", "compile"}
"""Methods of a network that leave its layers as they are; they stay where this costs nothing."""
NEUTRAL = re.compile(
    r"zero_grad|state_dict|named_\w+|parameters|modules|children|buffers|forward|backward|step|save\w*|print\w*"
    r"|fit\w*|learn|predict\w*|evaluate\w*|score|show|plot\w*|summary|close|write\w*|share_memory|join|start|wait"
    r"|add_scalars?|add_graph|add_images?|add_histogram|log\w*|keys|items|values|get|index|count|copy"
)
"""Methods that leave the structure of their object as it is, or only train it."""
SPECTATORS = re.compile(
    r"p?print\w*|save\w*|dump\w*|export\w*|summar\w+|info|watch|fit\w*|train\w*|learn\w*|test\w*|eval\w*|valid\w*"
    r"|infer\w*|predict\w*|plot\w*|(im)?show\w*|draw\w*|visuali\w+|log\w*|display\w*|run\w*|main|download\w*"
    r"|count\w*|benchmark\w*|profile\w*|check\w*|assert\w*|type|len|isinstance|sum|sleep|input|exit|help|repr"
)
"""Functions that look at what they are given, or train it, but leave its structure as it is."""
MUTATORS = re.compile(
    r"append|extend|insert|remove|clear|update|pop\w*|setdefault|apply|requires_grad_|\w+[a-z]_"
)
"""Methods that change their object even where the result of the call is used."""


class Effects(NamedTuple):
    """Names whose objects are changed, certainly or by an unknown function, and names that are bound."""

    certain: Set[str] = frozenset()
    possible: Set[str] = frozenset()
    bound: Set[str] = frozenset()


@dataclass(eq=False)
class Definitions:
    """The functions, classes, imports and instances of classes that the names of a file stand for."""

    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)
    _trains: dict[ast.AST, bool] = field(default_factory=dict)
    _effects: dict[ast.AST, Effects] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: ast.Module) -> "Definitions":
        """Collect the definitions at the level of the module, those in conditions included."""
        definitions = cls()
        for node in own(tree):
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    definitions.functions[node.name] = node
                case ast.ClassDef():
                    definitions.classes[node.name] = node
                case ast.Import(names=names):
                    definitions.imports |= {
                        (a.asname or a.name).partition(".")[0]: a.name
                        if a.asname
                        else a.name.partition(".")[0]
                        for a in names
                    }
                case ast.ImportFrom(module=module, names=names):
                    definitions.imports |= {a.asname or a.name: f"{module}.{a.name}" for a in names}
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=made))):
                    definitions.instances[name] = made
        return definitions

    def dotted(self, node: ast.AST) -> str:
        """Return the full name of what an import gave, such as `torch.nn.init`; empty for anything else.

        >>> Definitions(imports={"nn": "torch.nn"}).dotted(ast.parse("nn.init.zeros_", mode="eval").body)
        'torch.nn.init.zeros_'
        """
        match node:
            case ast.Name(id=name):
                return self.imports.get(name, "")
            case ast.Attribute(value=inner, attr=attr):
                return f"{before}.{attr}" if (before := self.dotted(inner)) else ""
        return ""

    def target(self, call: ast.Call, owner: ast.ClassDef | None = None) -> Function | None:
        """Return the function of this file that a call runs; `owner` is the class of `self`."""
        match call.func:
            case ast.Name(id=name) if name in self.functions:
                return self.functions[name]
            case ast.Name(id=name) if name in self.classes:
                return self._method(self.classes[name], "__init__")
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attr) if owner:
                return self._method(owner, attr)
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in self.instances:
                made = self.classes.get(self.instances[name])
                return self._method(made, attr) if made else None
            case ast.Attribute(value=ast.Call(func=ast.Name(id=name)), attr=attr) if name in self.classes:
                return self._method(self.classes[name], attr)
        return None

    def _method(self, owner: ast.ClassDef, name: str) -> Function | None:
        for node in owner.body:
            if isinstance(node, Function) and node.name == name:
                return node
        bases = [self.classes.get(base.id) for base in owner.bases if isinstance(base, ast.Name)]
        return next(
            (m for base in bases if base and base is not owner and (m := self._method(base, name))), None
        )

    def owner(self, function: ast.AST) -> ast.ClassDef | None:
        """Return the class whose method a function is."""
        return next((made for made in self.classes.values() if function in made.body), None)

    def trains(self, node: ast.AST) -> bool:
        """Return whether a piece of code trains: it calls `backward` or `step`, or a function that does.

        >>> tree = ast.parse("def train(net): net(1).backward()\\ntrain(net)")
        >>> Definitions.of(tree).trains(tree.body[1])
        True
        """
        if node not in self._trains:
            self._trains[node] = False  # a function that calls itself
            owner = self.owner(node)
            calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
            self._trains[node] = any(
                (isinstance(call.func, ast.Attribute) and call.func.attr in TRAINING)
                or ((target := self.target(call, owner)) is not None and self.trains(target))
                for call in calls
            )
        return self._trains[node]

    def effects(self, function: Function) -> Effects:
        """Return what a call of a function does to its parameters and to global names.

        Of one that trains only the global names that it binds count.
        """
        if function not in self._effects:
            self._effects[function] = Effects()  # a function that calls itself
            nodes = list(ast.walk(function))
            certain, possible, bound_there = self.changed(nodes, function)
            bound_there = bound_there | (declared(function) & set().union(*map(bound, nodes)))
            if self.trains(function):
                certain, possible = set(), set()
            local = stored(function) - parameters(function)
            self._effects[function] = Effects(certain - local, possible - local, bound_there)
        return self._effects[function]

    def changed(self, nodes: Iterable[ast.AST], inside: Function | None = None) -> Effects:
        """Return the names whose objects these nodes change, also through aliases, and those they bind."""
        listed = list(nodes)
        known, owner = aliases(listed), self.owner(inside) if inside else None
        discarded = set(_discarded(listed))
        total: tuple[set[str], set[str], set[str]] = (set(), set(), set())
        for node in listed:
            if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
                total[0].update(roots(node.value))
            elif isinstance(node, ast.Call):
                target = self.target(node, owner)
                done = (
                    self._passed(node, target) if target else self._unknown(node, node in discarded, inside)
                )
                for names, more in zip(total, done, strict=True):
                    names |= more
        return Effects(behind(total[0], known), behind(total[1], known), total[2])

    def _unknown(self, call: ast.Call, discarded: bool, inside: Function | None) -> Effects:
        """Return what a call of a function of another file may change."""
        if isinstance(call.func, ast.Name) and call.func.id in {"setattr", "delattr"} and call.args:
            return Effects(certain=roots(call.args[0]))
        if isinstance(call.func, ast.Name) or self.dotted(call.func):
            silent = not discarded or any(SPECTATORS.fullmatch(name) for name in self._names(call.func))
            given = (*call.args, *(word.value for word in call.keywords))
            return Effects(possible=set() if silent else set().union(*map(roots, given)))
        if not isinstance(call.func, ast.Attribute):
            return Effects()
        name, receiver = call.func.attr, roots(call.func.value)
        if name in MODE:
            return Effects(possible=receiver if discarded and not inside else set())
        changes = (discarded and not NEUTRAL.fullmatch(name)) or MUTATORS.fullmatch(name)
        return Effects(certain=receiver if changes else set())

    def _names(self, function: ast.expr) -> set[str]:
        """Return the last part of a function's name, as it is written and as it was imported."""
        return {ast.unparse(function).rpartition(".")[2], self.dotted(function).rpartition(".")[2]}

    def _passed(self, call: ast.Call, target: Function) -> Effects:
        """Return what a call of a function of this file does, in the names of the caller."""
        positional = [a.arg for a in (*target.args.posonlyargs, *target.args.args)]
        given: list[set[str]] = [roots(value) for value in call.args]
        if self.owner(target):
            given.insert(0, roots(call.func.value) if isinstance(call.func, ast.Attribute) else set())
        names = dict(zip(positional, given, strict=False))
        names |= {word.arg: roots(word.value) for word in call.keywords if word.arg}
        mine = parameters(target)
        certain, possible, bound_there = self.effects(target)

        def there(changed: Set[str]) -> set[str]:
            return set().union(*(names.get(name, set()) if name in mine else {name} for name in changed))

        return Effects(there(certain), there(possible), bound_there)


def _discarded(nodes: Iterable[ast.AST]) -> Iterator[ast.Call]:
    """Yield the calls whose results are not used: they are made for what they do."""
    for node in nodes:
        if isinstance(node, ast.Expr):
            made = [node.value]
            if isinstance(node.value, ast.ListComp | ast.SetComp | ast.GeneratorExp):
                made = [node.value.elt]
            yield from (call for call in made if isinstance(call, ast.Call))
