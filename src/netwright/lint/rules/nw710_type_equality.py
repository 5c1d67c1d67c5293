"""The type of a module is compared with `==`, which misses subclasses.

What. A module is tested by `type(m) == nn.Linear`, `type(m) is nn.Linear` or `type(m) in (…)`, with classes
of torch.

Why. Layers are often subclassed. `nn.LazyLinear` and quantised, parametrised or spectrally normalised layers
are `nn.Linear` to `isinstance` but not to `==`. An initialiser that compares types skips them, and no message
says so.

Guard. Only classes of torch are judged. A comparison that leaves subclasses out on purpose is rare; suppress
the finding with an ignore comment that gives the reason.

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
                    fix=Fix(text, safe=True, edits=(script.replace(node, text),)),
                )


def _torch(script: Script, node: ast.expr) -> bool:
    kinds = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    return bool(kinds) and all((script.dotted(kind) or "").startswith("torch.nn.") for kind in kinds)


RULE = Rule("info", "safe", script=look)
