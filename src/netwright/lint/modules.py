"""What a script's expressions are to PyTorch: modules of the file, losses, optimisers."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from netwright.errors import UsageError
from netwright.lint.flow import flow, hides
from netwright.lint.script import Script

MODULE = "torch.nn.Module"
MODEL_NAME = re.compile(r"^(model|net|network|classifier)\d*$")
OPTIMISER_NAME = re.compile(r"(^|_)opt(im(i[sz]er)?)?(_|\d|$)", re.IGNORECASE)
MODAL = re.compile(
    r"^torch\.nn\.(modules\.\w+\.)?(\w*BatchNorm\w*|\w*Dropout\w*)$|^torch\.nn\.functional\.\w*dropout\w*$"
)
MEAN_LOSSES = {
    **{
        f"torch.nn.{name}": f"torch.nn.functional.{function}"
        for name, function in {
            "CrossEntropyLoss": "cross_entropy",
            "NLLLoss": "nll_loss",
            "MSELoss": "mse_loss",
            "L1Loss": "l1_loss",
            "SmoothL1Loss": "smooth_l1_loss",
            "HuberLoss": "huber_loss",
            "BCELoss": "binary_cross_entropy",
            "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
        }.items()
    }
}
"""Losses whose default reduction is the mean over the batch, as class and as function."""


@lru_cache(maxsize=8)
def module_classes(script: Script) -> dict[str, ast.ClassDef]:
    """The classes of the file that derive from `torch.nn.Module` or from a class of torch.nn."""
    found: dict[str, ast.ClassDef] = {}
    classes = list(script.nodes(ast.ClassDef))
    count = -1
    while len(found) > count:
        count = len(found)
        for node in classes:
            homes = [script.dotted(base) or "" for base in node.bases]
            local = any(isinstance(base, ast.Name) and base.id in found for base in node.bases)
            if local or any(home.startswith("torch.nn.") for home in homes):
                found[node.name] = node
    return found


def classes_of(script: Script, node: ast.AST) -> list[ast.ClassDef] | None:
    """The module classes of the file that `node` is an instance of; None where that is not certain."""
    known, found = module_classes(script), []
    for origin in flow(script).origins(node) or [node]:
        built = _instance(origin)
        if built not in known:
            return None
        found.append(known[built])
    return found


def _instance(node: ast.AST) -> str:
    """The class whose constructor an expression calls, through `.to(…)` and its like."""
    while isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name):
            return node.func.id
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in {
            "to",
            "cuda",
            "cpu",
            "train",
            "eval",
        }:
            return ""
        node = node.func.value
    return ""


def looks_like_model(script: Script, node: ast.AST) -> bool:
    """True for an instance of a module class, and for a `model` or `net` that is not known to be other."""
    if classes_of(script, node) is not None:
        return True
    name = last_name(node)
    origins = flow(script).origins(node)
    known = origins is not None and any(
        isinstance(origin, ast.Constant | ast.List | ast.Dict) for origin in origins
    )
    return name is not None and bool(MODEL_NAME.match(name)) and not known


def last_name(node: ast.AST) -> str | None:
    """`optimizer` of `optimizer` and of `self.optimizer`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def is_optimiser(script: Script, node: ast.AST) -> bool:
    """True for what a class of `torch.optim` made, and for what is called so and not known to be other."""
    origins = flow(script).origins(node)
    made = [script.called(origin) for origin in origins or () if isinstance(origin, ast.Call)]
    if made:
        return all(home.startswith("torch.optim.") and "lr_scheduler" not in home for home in made)
    return bool(OPTIMISER_NAME.search(last_name(node) or ""))


def mean_loss(script: Script, node: ast.AST) -> bool:
    """True when a call surely yields a loss averaged over the batch."""
    if not isinstance(node, ast.Call) or hides(node):
        return False
    home = script.called(node)
    if home in MEAN_LOSSES.values():
        return not _reduces(node)
    makers = flow(script).origins(node.func)
    return bool(makers) and all(
        isinstance(maker, ast.Call)
        and script.called(maker) in MEAN_LOSSES
        and not hides(maker)
        and not _reduces(maker)
        for maker in makers or ()
    )


def _reduces(call: ast.Call) -> bool:
    """True when a call asks for another reduction than the mean."""
    asked = {word.arg: word.value for word in call.keywords}
    reduction = asked.get("reduction")
    plain = reduction is None or (isinstance(reduction, ast.Constant) and reduction.value == "mean")
    return not plain or "size_average" in asked or "reduce" in asked


def modal(script: Script, network: ast.AST) -> bool | None:
    """Whether a network changes in eval mode; None where a part of it can be read neither here nor beside."""
    waiting: list[tuple[Script, ast.AST]] = []
    for origin in flow(script).origins(network) or [network]:
        found = written(script, _instance(origin))
        if found is None and not script.called(origin).startswith("torch.nn."):
            return None
        waiting.append(found or (script, origin))
    seen, foreign = {node for _, node in waiting}, False
    while waiting:
        home, part = waiting.pop()
        foreign |= "*" in home.imports
        for name in _names(part):
            inner = written(home, name.id) if isinstance(name, ast.Name) else None
            if inner is None:
                full = home.dotted(name) or ""
                if MODAL.match(full):
                    return True
                foreign |= bool(full) and not full.startswith(("torch", "math", "numpy", "typing"))
            elif inner[1] not in seen:
                seen.add(inner[1])
                waiting.append(inner)
    return None if foreign else False


def written(script: Script, name: str) -> tuple[Script, ast.ClassDef] | None:
    """The module class that a name stands for, with its file: this one, or one it is imported from.

    Only files beside the script are read, as Python would find them when the script is run.
    """
    known = module_classes(script)
    if name in known:
        return script, known[name]
    module, _, imported = script.imports.get(name, "").rpartition(".")
    module = module.removeprefix(".")
    file = Path(script.path).parent / f"{module.replace('.', '/')}.py"
    if not module or module.startswith(".") or not file.is_file():
        return None
    beside = _beside(str(file), file.stat().st_mtime_ns)
    found = module_classes(beside).get(imported) if beside else None
    return (beside, found) if beside and found else None


@lru_cache(maxsize=8)
def _beside(file: str, changed: int) -> Script | None:
    """Another file of the user's, read once as long as it stays as it is; None when it cannot be read."""
    try:
        return Script.read(file)
    except UsageError:
        return None


def _names(node: ast.AST) -> Iterator[ast.Name | ast.Attribute]:
    yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.Name | ast.Attribute))
