"""A name of torch does not exist.

What. The script reads a `torch.…` name that the installed PyTorch does not have.

Why. Python notices only when the line runs: for a scheduler after the data are loaded, for a rarely used
branch after hours. The wrong use of interfaces is a category of its own among the faults of deep learning
programs (Islam et al., ESEC/FSE 2019; Humbatova et al., ICSE 2020).

Guard. Only names that are reached through an import of torch are judged, and only attributes of modules. A
name that is tested or asserted with `hasattr`, or stands under `try` or a version check, may be missing on
purpose. `torch.npu` and similar namespaces come with a package for other hardware, and what is private, as in
`torch._C`, depends on how PyTorch was built. A file inside a package
that is itself named `torch` is not judged, because the name means that package there.

Instead. Use the nearest real name, which the finding gives. The fix is safe only where one name differs in
nothing but letter case and is written as what it is, a class or something else: `nn.BatchNorm1D` is certainly
`nn.BatchNorm1d`. `nn.BatchNorm` may be any of three classes, and `nn.max_pool` is a function that torch has
elsewhere, so neither is changed.
"""

import ast
import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from netwright.lint.attempts import DEVICES, on_purpose
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.lint.script import Script
from netwright.lint.torchnames import listed, missing

PLUGINS = {f"torch.{name}" for name in (*DEVICES, "classes", "ops")}
"""Namespaces that packages for other hardware add, and those of operators and classes written in C++."""


def look(script: Script) -> Iterator[Remark]:
    """Report every read of a name that torch does not have."""
    if _inside_torch(script):
        return
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
    if name in listed() or "._" in name or ".".join(name.split(".")[:2]) in PLUGINS:
        return
    if on_purpose(script, node):
        return
    nearby = missing(name)
    if nearby is None:
        return
    home, has = nearby
    wrong = name[len(home) + 1 :].split(".")[0]
    near = nearest(wrong, has)
    meant = " or ".join(f"`{home}.{one}`" for one in near)
    advice = f"did you mean {meant}?" if near else f"`{home}` has no similar name."
    fix = Fix(" or ".join(f"{home}.{one}" for one in near)) if near else None
    whole = alias is None and isinstance(node, ast.Attribute) and name == f"{home}.{wrong}"
    if len(near) == 1 and whole and _same_kind(near[0], wrong):
        assert isinstance(node, ast.Attribute)
        text = f"{script.segment(node.value)}.{near[0]}"
        certain = wrong.lower() == near[0].lower()
        fix = Fix(text, safe=certain, edits=(script.replace(node, text),))
    yield Remark(script.at(node), f"`{home}` has no `{wrong}`; {advice}", evidence={"name": name}, fix=fix)


def nearest(wrong: str, names: list[str]) -> list[str]:
    """Return the most likely real names: those that differ in case only, else the closest of the same kind.

    Several names are equally likely where they differ from each other in the number of dimensions only.

    >>> nearest("BatchNorm1D", ["BatchNorm1d", "BatchNorm2d"])
    ['BatchNorm1d']
    >>> nearest("BatchNorm", ["BatchNorm1d", "BatchNorm2d", "batch_norm"])
    ['BatchNorm1d', 'BatchNorm2d']
    >>> nearest("max_pool", ["MaxPool2d", "MaxPool3d"])
    []
    """
    alike = [name for name in names if _same_kind(name, wrong)]
    same = [name for name in names if _folded(name) == _folded(wrong)]
    exact = [name for name in same if name.lower() == wrong.lower()] or same
    if likely := [name for name in exact if name in alike]:
        return likely
    close = get_close_matches(_folded(wrong), map(_folded, alike), n=1, cutoff=0.8)
    rank = _rankless(close[0]) if close else ""
    if close and any(letter.isdigit() for letter in wrong):
        return [name for name in alike if _folded(name) == close[0]]
    return [name for name in alike if close and _rankless(_folded(name)) == rank] or exact


def _same_kind(one: str, other: str) -> bool:
    """Return True when two names are both written as classes, or neither is."""
    return one[:1].isupper() == other[:1].isupper()


def _folded(name: str) -> str:
    return name.lower().replace("_", "")


def _rankless(name: str) -> str:
    return re.sub(r"[123]d$", "", name)


def _inside_torch(script: Script) -> bool:
    """Return True for a file of a package that is named `torch`."""
    return any(
        folder.name == "torch" and (folder / "__init__.py").is_file()
        for folder in Path(script.path).resolve().parents
    )


RULE = Rule("error", "safe", script=look)
