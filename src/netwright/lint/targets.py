"""The targets that losses are given in a script: their type, and whether they are classes."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from netwright.lint.flow import argument, flow
from netwright.lint.script import Script

TYPED = {
    **dict.fromkeys(
        ("float", "double", "half", "float32", "float64", "FloatTensor", "DoubleTensor"), "float"
    ),
    **dict.fromkeys(("long", "int64", "LongTensor"), "int64"),
    **dict.fromkeys(("int", "int32", "short", "int16", "IntTensor"), "int32"),
    **dict.fromkeys(("bool", "BoolTensor"), "bool"),
}
"""The type that a method, a dtype or a legacy constructor gives."""
KEEPING = {"to", "cuda", "cpu", "view", "reshape", "flatten", "squeeze", "unsqueeze", "contiguous", "detach"}
KEEPING |= {"clone", "view_as", "type"}
"""Methods that keep the values, and the type unless a dtype is given."""
MAKERS = {"zeros": "float", "ones": "float", "rand": "float", "randn": "float", "randint": "int64"}
LABELLED = re.compile(
    r"^torchvision\.datasets\.(\w*MNIST|CIFAR10|CIFAR100|STL10|SVHN|ImageFolder|ImageNet|GTSRB|Food101)$"
)
"""Data sets whose targets are classes from 0."""
SOFT = {"mixup", "cutmix", "MixUp", "CutMix", "Mixup", "soft_labels", "target_transform"}
"""Words of files whose targets may be other than the classes that a data set yields."""

SOFT_NAME = re.compile(r"soft|prob|hot|mix|dist|teacher|mask", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """What is certain about the target of a loss.

    Args:
        type: `float`, `int64`, `int32` or `bool`; empty if it is unknown.
        name: The name that holds the targets as they come; empty if there is none.
        one_hot: Whether `one_hot` made them.
        flat: Whether they certainly have one dimension.
        shift: The number that is added to the classes.
    """

    type: str = ""
    name: str = ""
    one_hot: bool = False
    flat: bool = False
    shift: int = 0


def follow(script: Script, node: ast.expr) -> Target:
    """Return what is certain about the target that an expression is.

    >>> tree = Script.parse("y.view(-1).float()")
    >>> follow(tree, tree.tree.body[0].value)
    Target(type='float', name='y', one_hot=False, flat=True, shift=0)
    """
    match node:
        case ast.Name(id=name):
            value = flow(script).value(node)
            known = follow(script, value) if isinstance(value, ast.expr) and value is not node else Target()
            return replace(known, name=known.name or name)
        case ast.Compare():
            return Target("bool")
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=ast.Constant(value=int(number))):
            inner = follow(script, left)
            return replace(inner, shift=inner.shift + (number if isinstance(sign, ast.Add) else -number))
        case ast.Call():
            return _made(script, node) if script.called(node) else _changed(script, node)
    return Target()


def _made(script: Script, call: ast.Call) -> Target:
    """Return the target that a function of torch makes."""
    home, _, name = script.called(call).rpartition(".")
    if name == "one_hot" and home.startswith("torch"):
        return Target("int64", one_hot=True)
    if home != "torch":
        return Target()
    wanted = _dtype(argument(call, "dtype"))
    if name in MAKERS:
        flat = len(call.args) == 1 and not isinstance(call.args[0], ast.Tuple | ast.List | ast.Starred)
        plain = argument(call, "dtype") is None
        sized = name != "randint" and flat and isinstance(flow(script).literal(call.args[0]), int)
        return Target(wanted or (MAKERS[name] if plain else ""), flat=sized)
    if name in {"tensor", "as_tensor"}:
        return Target(wanted)
    return Target(TYPED[name]) if name.endswith("Tensor") and name in TYPED else Target()


def _changed(script: Script, call: ast.Call) -> Target:
    """Return the target that a method makes of another."""
    if not isinstance(call.func, ast.Attribute):
        return Target()
    inner, method = follow(script, call.func.value), call.func.attr
    if method in TYPED and not call.args:
        return replace(inner, type=TYPED[method])
    if method == "argmax":
        return Target("int64")
    if method not in KEEPING:
        return Target()
    wanted = next((kind for value in _values(call) if (kind := _dtype(value))), "")
    if method in {"to", "type"} and not wanted and not all(map(_is_device, _values(call))):
        inner = replace(inner, type="")
    flat = method in {"view", "reshape"} and [ast.unparse(value) for value in call.args] == ["-1"]
    flat |= method == "flatten" and not call.args and not call.keywords
    shaped = method in {"view", "reshape", "unsqueeze", "view_as"}
    return replace(inner, type=wanted or inner.type, flat=flat or (inner.flat and not shaped))


def _values(call: ast.Call) -> Iterator[ast.expr]:
    yield from call.args
    yield from (word.value for word in call.keywords)


def _is_device(node: ast.expr) -> bool:
    """Return True for an argument of `to` that is certainly no type: a device, or `non_blocking`."""
    return isinstance(node, ast.Constant) or "device" in ast.unparse(node)


def _dtype(node: ast.expr | None) -> str:
    """Return the type of `torch.float32` or `torch.LongTensor`; empty for anything else."""
    match node:
        case ast.Attribute(value=ast.Name(id="torch"), attr=name):
            return TYPED.get(name, "")
        case ast.Attribute(value=ast.Attribute(attr="cuda"), attr=name):
            return TYPED.get(name, "")
    return ""


def compared(script: Script, name: str, scope: ast.AST) -> bool:
    """Return True when the file shows that what a name holds in a scope are classes from 0.

    That is so when a largest output is compared with it as it is, or when a data set of torchvision yields
    it, unless they may be probabilities.
    """
    if not name or soft(script, name, scope):
        return False
    if any(LABELLED.match(script.called(call)) for call in script.nodes(ast.Call)):
        return True
    return any(
        not follow(script, one).shift and _is_choice(script, other) for one, other in judged(script, name)
    )


def judged(script: Script, name: str) -> list[tuple[ast.expr, ast.expr]]:
    """Return what the file compares with what a name holds, each after the expression of the name."""
    pairs = [(one, other) for pair in _pairs(script) for one, other in (pair, pair[::-1])]
    return [(one, other) for one, other in pairs if follow(script, one).name == name]


def soft(script: Script, name: str, scope: ast.AST) -> bool:
    """Return True when what a name holds in a scope may be probabilities: one-hot, mixed, or named so."""
    if SOFT_NAME.search(name) or "one_hot" in _words(ast.walk(scope)):
        return True
    return not SOFT.isdisjoint(_words(ast.walk(script.tree)))


def _words(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names, attributes and keywords among nodes."""
    words: set[str | None] = set()
    for node in nodes:
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.keyword(arg=word):
                words.add(word)
    return {word for word in words if word}


def _pairs(script: Script) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what the file compares for equality, by `==` or `eq`."""
    for node in script.nodes(ast.Compare):
        if isinstance(node.ops[0], ast.Eq):
            yield node.left, node.comparators[0]
    for call in script.nodes(ast.Call):
        match call:
            case ast.Call(func=ast.Attribute(attr="eq", value=ast.Name(id="torch")), args=[one, other]):
                yield one, other
            case ast.Call(func=ast.Attribute(attr="eq", value=one), args=[other]):
                yield one, other


def _is_choice(script: Script, node: ast.expr) -> bool:
    """Return True for the index of a largest output, and for a name that is bound to nothing else."""
    for _ in range(5):
        match node:
            case ast.Call(func=ast.Attribute(attr="argmax" | "topk" | "max")):
                return True
            case ast.Call(func=ast.Attribute(attr=method, value=inner)) if method in {*KEEPING, "t", "data"}:
                node = inner
            case ast.Subscript(value=inner) | ast.Attribute(value=inner):
                node = inner
            case ast.Name(id=name):
                value = flow(script).value(node)
                if not isinstance(value, ast.expr) or value is node:
                    return _is_unpacked_choice(script, name)
                node = value
            case _:
                return False
    return False


def _is_unpacked_choice(script: Script, name: str) -> bool:
    """Return True for `pred` of `_, pred = output.max(1)` and of `topk`."""
    for node in script.nodes(ast.Assign):
        match node:
            case ast.Assign(
                targets=[ast.Tuple(elts=[_, ast.Name(id=bound)])],
                value=ast.Call(func=ast.Attribute(attr="max" | "topk")),
            ) if bound == name:
                return True
    return False
