"""A name of torch does not exist.

What. The script reads a `torch.…` name that the installed PyTorch does not have.

Why. Python notices only when the line runs: for a scheduler after the data are loaded, for a rarely used
branch after hours. The wrong use of interfaces is a category of its own among the faults of deep learning
programs (Islam et al., ESEC/FSE 2019; Humbatova et al., ICSE 2020).

Guard. Only names that are reached through an import of torch are judged, and only attributes of modules. A
name that is tested or asserted with `hasattr`, or stands under `try` or a version check, may be missing on
purpose. `torch.npu` and similar namespaces come with a package for other hardware.

Instead. Use the nearest real name, which the finding gives.
"""

import ast
from collections.abc import Iterator
from difflib import get_close_matches

from netwright.lint.attempts import on_purpose
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.lint.script import Script
from netwright.lint.torchnames import listed, missing

PLUGINS = {f"torch.{name}" for name in ("npu", "mlu", "musa", "hpu", "sdaa", "gcu", "neuron", "tpu")}
"""Namespaces that packages for other hardware add when they are imported."""


def look(script: Script) -> Iterator[Remark]:
    """Report every read of a name that torch does not have."""
    for node in script.nodes(ast.Attribute):
        outermost = not isinstance(script.parents.get(node), ast.Attribute)
        name = script.dotted(node)
        if outermost and name and name.startswith("torch.") and isinstance(node.ctx, ast.Load):
            yield from _judge(script, node, name)
    for source in script.nodes(ast.ImportFrom):
        if source.module and (source.module + ".").startswith("torch.") and not source.level:
            for alias in source.names:
                if alias.name != "*":
                    yield from _judge(script, source, f"{source.module}.{alias.name}", alias)


def _judge(
    script: Script, node: ast.expr | ast.stmt, name: str, alias: ast.alias | None = None
) -> Iterator[Remark]:
    if name in listed() or ".".join(name.split(".")[:2]) in PLUGINS or on_purpose(script, node):
        return
    nearby = missing(name)
    if nearby is None:
        return
    home, has = nearby
    wrong = name[len(home) + 1 :].split(".")[0]
    near = nearest(wrong, has)
    place = script.at(node)
    advice = f"did you mean `{home}.{near}`?" if near else f"`{home}` has no similar name."
    fix = Fix(f"{home}.{near}") if near else None
    if near and alias is None and isinstance(node, ast.Attribute) and name == f"{home}.{wrong}":
        text = f"{script.segment(node.value)}.{near}"
        fix = Fix(text, safe=True, edits=(script.replace(node, text),))
    yield Remark(place, f"`{home}` has no `{wrong}`; {advice}", evidence={"name": name}, fix=fix)


def nearest(wrong: str, names: list[str]) -> str | None:
    """Return the most likely real name: the same but for case and underscores, else the closest.

    >>> nearest("BatchNorm1D", ["BatchNorm1d", "BatchNorm2d"])
    'BatchNorm1d'
    """
    plain = {name.lower().replace("_", ""): name for name in names}
    folded = wrong.lower().replace("_", "")
    if folded in plain:
        return plain[folded]
    close = get_close_matches(folded, plain, n=1, cutoff=0.8)
    return plain[close[0]] if close else None


RULE = Rule("error", "safe", script=look)
