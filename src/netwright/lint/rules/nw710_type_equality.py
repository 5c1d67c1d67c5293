"""The type of a module is compared with `==`, which misses subclasses.

What. A module is tested by `type(m) == nn.Linear`, `type(m) is nn.Linear` or `type(m) in (…)`, with classes
of torch.

Why. Layers are often subclassed. `nn.LazyLinear` and quantised, parametrised or spectrally normalised layers
are `nn.Linear` to `isinstance` but not to `==`. An initialiser that compares types skips them, and no message
says so.

Guard. Only classes of torch are judged. A comparison that leaves subclasses out on purpose is rare; suppress
the finding with an ignore comment that gives the reason. The fix is unsafe for containers, where the file
mentions a subclass (`nn.LazyLinear`), and in a function that replaces modules by `setattr`.

Instead.

    if isinstance(m, nn.Linear):
"""

import ast
from collections.abc import Iterator

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.lint.script import Script

POSITIVE = (ast.Eq, ast.Is, ast.In)
OPERATORS = (*POSITIVE, ast.NotEq, ast.IsNot, ast.NotIn)
GENERAL = {"Module", "Sequential", "ModuleList", "ModuleDict"}
"""Classes whose subclasses are a user's own blocks, which such a test may tell apart on purpose."""


def look(script: Script) -> Iterator[Remark]:
    """Report every comparison of a type with a class of torch."""
    for node in script.nodes(ast.Compare):
        match node:
            case ast.Compare(
                left=ast.Call(func=ast.Name(id="type"), args=[subject]), ops=[operator], comparators=[classes]
            ) if isinstance(operator, OPERATORS) and _torch(script, classes):
                kinds = script.segment(classes)
                if isinstance(classes, ast.List | ast.Set):
                    kinds = f"({', '.join(script.segment(kind) for kind in classes.elts)},)"
                    kinds = kinds.replace(",)", ")") if len(classes.elts) > 1 else kinds
                test = f"isinstance({script.segment(subject)}, {kinds})"
                text = test if isinstance(operator, POSITIVE) else f"not {test}"
                yield Remark(
                    script.at(node),
                    f"`{script.segment(node)}` is false for every subclass of {script.segment(classes)}.",
                    fix=Fix(text, safe=_leaf(script, node, classes), edits=(script.replace(node, text),)),
                )


def _torch(script: Script, node: ast.expr) -> bool:
    kinds = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    return bool(kinds) and all((script.dotted(kind) or "").startswith("torch.nn.") for kind in kinds)


def _leaf(script: Script, node: ast.Compare, classes: ast.expr) -> bool:
    """Return True when the file knows no subclass of these classes, and replaces no module."""
    kinds = classes.elts if isinstance(classes, ast.Tuple | ast.List | ast.Set) else [classes]
    named = {name: name.rpartition(".")[2] for name in (script.dotted(kind) or "" for kind in kinds)}
    derived = {script.dotted(base) for owner in script.nodes(ast.ClassDef) for base in owner.bases}
    inside = [*script.nodes(ast.Attribute), *script.nodes(ast.Name)]
    mentioned = {script.dotted(other) or "" for other in inside}
    related = any(
        name != other and other.startswith("torch.nn.") and other.endswith(last)
        for name, last in named.items()
        for other in mentioned
    )
    scope = script.scope(node)
    replaces = any(script.scope(name) is scope for name in script.names.get("setattr", ()))
    return not (derived & named.keys() or related or replaces or GENERAL & set(named.values()))


RULE = Rule("info", "safe", script=look)
