"""The modules, losses and optimizers among the expressions of a script."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from netwright.errors import UsageError
from netwright.lint.bindings import UNKNOWN
from netwright.lint.flow import flow, hides
from netwright.lint.script import FUNCTIONS, Script
from netwright.lint.sequences import looped

MODEL_NAME = re.compile(r"^(model|net|network|classifier)\d*$")
OPTIMIZER_NAME = re.compile(r"(^|_)opt(im(i[sz]er)?)?(_|\d|$)", re.IGNORECASE)
MODAL = re.compile(
    r"^torch\.nn\.(modules\.\w+\.)?(\w*BatchNorm\w*|\w*Dropout\w*|Transformer\w*)$|^torch\.nn\.functional\.\w*dropout\w*$"
)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
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
OWN = ("torch", "math", "numpy", "typing")
"""Packages of which it is known which modules depend on the mode."""
PLACING = {"to", "cuda", "cpu", "train", "eval", "float", "double", "half", "requires_grad_"}
"""Methods of modules that return the module itself."""
WRAPPERS = {"torch.nn.DataParallel", "torch.nn.parallel.DistributedDataParallel", "torch.compile"}
WRAPPERS |= {"torch.nn.parallel.DataParallel", "copy.deepcopy"}


@lru_cache(maxsize=8)
def module_classes(script: Script) -> dict[str, ast.ClassDef]:
    """Return the classes of the file that derive from `torch.nn.Module` or from a class of torch.nn."""
    derived: dict[str, ast.ClassDef] = {}
    classes = list(script.nodes(ast.ClassDef))
    count = -1
    while len(derived) > count:
        count = len(derived)
        for node in classes:
            homes = [script.dotted(base) or "" for base in node.bases]
            local = any(isinstance(base, ast.Name) and base.id in derived for base in node.bases)
            if local or any(home.startswith("torch.nn.") for home in homes):
                derived[node.name] = node
    return derived


def lineage(script: Script, network: ast.ClassDef) -> list[ast.ClassDef]:
    """Return a class and the classes of the file that it derives from."""
    known, lineage = module_classes(script), [network]
    for part in lineage:
        names = [base.id for base in part.bases if isinstance(base, ast.Name)]
        lineage += [known[name] for name in names if name in known and known[name] not in lineage]
    return lineage


def own_class(script: Script, call: ast.Call) -> ast.ClassDef | None:
    """Return the network that calls itself: `self(x)`, `self.train()(x)` or `self.forward(x)` in its methods.

    The result is None if the file derives networks from it that have a `forward` of their own.

    >>> text = "import torch\\nclass A(torch.nn.Module):\\n    def fit(self, x):\\n        self.eval()(x)"
    >>> script = Script.parse(text)
    >>> own_class(script, script.tree.body[1].body[0].body[0].value).name
    'A'
    """
    known, called = module_classes(script), call.func
    forward = isinstance(called, ast.Attribute) and called.attr == "forward"
    itself = called.value if isinstance(called, ast.Attribute) and forward else unplaced(called)
    owner = flow(script).owner(call) if isinstance(itself, ast.Name) and itself.id == "self" else None
    if not isinstance(owner, ast.ClassDef) or known.get(owner.name) is not owner:
        return None
    heirs = [cls for cls in known.values() if cls is not owner and owner in lineage(script, cls)]
    return None if any(map(_has_forward, heirs)) else owner


def _has_forward(network: ast.ClassDef) -> bool:
    return any(isinstance(node, FUNCTIONS) and node.name == "forward" for node in network.body)


def classes_of(script: Script, node: ast.AST) -> list[ast.ClassDef] | None:
    """Return the module classes of the file that `node` is an instance of; None if that is not certain."""
    known, classes = module_classes(script), []
    for call in constructors(script, node) or ():
        built = _instance(call)
        if built not in known:
            return None
        classes.append(known[built])
    return classes or None


def constructors(script: Script, node: ast.AST) -> list[ast.Call] | None:
    """Return the calls that built what an expression stands for, before it was moved or wrapped.

    The result is None if one of them is unknown.
    """
    built: dict[ast.Call, None] = {}
    waiting, seen = [node], set[ast.AST]()
    while waiting:
        node = waiting.pop()
        for origin in flow(script).origins(node) or looped(script, node) or [UNKNOWN]:
            inner = _unwrapped(script, origin)
            if inner is not origin:
                waiting += [inner] if inner not in seen else []
                seen.add(inner)
            elif isinstance(origin, ast.Call):
                built[origin] = None
            else:
                return None
    return list(built)


def _unwrapped(script: Script, node: ast.AST) -> ast.AST:
    """Return the network inside `net.to(…)`, `DataParallel(net)` and similar calls."""
    wraps = isinstance(node, ast.Call) and script.called(node) in WRAPPERS and node.args
    return node.args[0] if isinstance(node, ast.Call) and wraps else unplaced(node)


def unplaced(node: ast.AST) -> ast.AST:
    """Return what an expression stands for before `.to(…)`, `.cuda()` and similar methods."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PLACING:
        node = node.func.value
    return node


def _instance(node: ast.AST) -> str:
    """Return the class whose constructor an expression calls by its name."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def looks_like_model(script: Script, node: ast.AST) -> bool:
    """Return True for an instance of a module class, and for a name such as `model` of unknown origin.

    An attribute counts by its name alone, because the parts of a network are instances of module classes too.
    """
    if not isinstance(node, ast.Attribute) and classes_of(script, node) is not None:
        return True
    name = last_name(node)
    origins = flow(script).origins(node)
    known = origins is not None and any(
        isinstance(origin, ast.Constant | ast.List | ast.Dict) for origin in origins
    )
    return name is not None and bool(MODEL_NAME.match(name)) and not known


def last_name(node: ast.AST) -> str | None:
    """Return the last part of a dotted name: `optimizer` for `self.optimizer`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def is_optimizer(script: Script, node: ast.AST) -> bool:
    """Return True for an optimizer of torch, and for a name such as `optimizer` of unknown origin."""
    made = [
        script.called(origin) for origin in flow(script).origins(node) or () if isinstance(origin, ast.Call)
    ]
    if made:
        return all(home.startswith("torch.optim.") and "lr_scheduler" not in home for home in made)
    return bool(OPTIMIZER_NAME.search(last_name(node) or ""))


def mean_loss(script: Script, node: ast.AST) -> bool:
    """Return True when a call certainly returns a loss that is averaged over the batch."""
    if not isinstance(node, ast.Call) or hides(node):
        return False
    home = script.called(node)
    if home in MEAN_LOSSES.values():
        return not _reduces(node)
    makers = constructors(script, node.func)
    return bool(makers) and all(
        script.called(maker) in MEAN_LOSSES and not hides(maker) and not _reduces(maker)
        for maker in makers or ()
    )


def _reduces(call: ast.Call) -> bool:
    """Return True when a call asks for another reduction than the mean."""
    asked = {word.arg: word.value for word in call.keywords}
    reduction = asked.get("reduction")
    plain = reduction is None or (isinstance(reduction, ast.Constant) and reduction.value == "mean")
    return not plain or "size_average" in asked or "reduce" in asked


def modal(script: Script, network: ast.AST) -> bool | None:
    """Return whether a network behaves differently in eval mode; None if part of its source is unknown."""
    waiting: list[tuple[Script, ast.AST]] = []
    built = constructors(script, network)
    if not built:
        return None
    for origin in built:
        definition = written(script, _instance(origin))
        if definition is None and not script.called(origin).startswith("torch.nn."):
            return None
        waiting.append(definition or (script, origin))
    seen, foreign = {node for _, node in waiting}, False
    while waiting:
        home, part = waiting.pop()
        foreign |= "*" in home.imports
        for name in _names(part):
            inner = written(home, name.id) if isinstance(name, ast.Name) else None
            full = home.dotted(name) or ""
            if inner is not None and inner[1] not in seen:
                seen.add(inner[1])
                waiting.append(inner)
            elif inner is None and (MODAL.match(full) or ast.unparse(name) == "self.training"):
                return True
            foreign |= inner is None and not full.startswith(OWN) and bool(full)
    return None if foreign else False


def written(script: Script, name: str) -> tuple[Script, ast.ClassDef] | None:
    """Return the module class that a name stands for, with the script that defines it.

    The class may be imported from a file in the same folder, where Python would find it when the script runs.
    """
    known = module_classes(script)
    if name in known:
        return script, known[name]
    beside, imported = _imported(script, script.imports.get(name, ""))
    definition = module_classes(beside).get(imported) if beside else None
    return (beside, definition) if beside and definition else None


def defined(script: Script, node: ast.expr) -> ast.AST | None:
    """Return the definition of a function or class by its name, in this file or in one beside it."""
    if isinstance(node, ast.Name) and flow(script).home(node) is not None and not script.dotted(node):
        definitions = flow(script).origins(node) or []
        return definitions[0] if len(definitions) == 1 and isinstance(definitions[0], DEFINITIONS) else None
    beside, name = _imported(script, script.dotted(node) or "")
    there = [part for part in beside.tree.body if isinstance(part, DEFINITIONS)] if beside else []
    return next((part for part in there if part.name == name), None)


def _imported(script: Script, full: str) -> tuple[Script | None, str]:
    """Return the file in the same folder from which a full name is imported, and the name in it."""
    module, _, name = full.rpartition(".")
    module = module.removeprefix(".")
    file = Path(script.path).parent / f"{module.replace('.', '/')}.py"
    readable = bool(module) and not module.startswith(".") and file.is_file()
    return (_beside(str(file), file.stat().st_mtime_ns) if readable else None), name


@lru_cache(maxsize=8)
def _beside(file: str, changed: int) -> Script | None:
    """Return another file of the user's, or None if it cannot be read; `changed` is its modification time."""
    try:
        return Script.read(file)
    except UsageError:
        return None


def _names(node: ast.AST) -> Iterator[ast.Name | ast.Attribute]:
    yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.Name | ast.Attribute))
