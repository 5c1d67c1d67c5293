"""The data that a script holds out, and the transforms that it passes its data through."""

import ast
import re
from collections.abc import Iterator

from netwright.lint.flow import argument, flow
from netwright.lint.modules import last_name
from netwright.lint.script import Script

WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
HELD_OUT = re.compile(r"^(val|valid|validation|test|eval|evaluation)(set|data|loader|ds|dataset|x|y)?$")
TRAINING = re.compile(r"^train")
PIPELINE = re.compile(r"transform|tfm|aug|preprocess", re.IGNORECASE)
LIBRARIES = ("torchvision.transforms.", "albumentations.", "monai.transforms.")
RANDOM = re.compile(
    r"^(Rand\w+|ColorJitter|AutoAugment|TrivialAugmentWide|AugMix|ScaleJitter|ElasticTransform|HorizontalFlip"
    r"|VerticalFlip|ShiftScaleRotate|Rotate|Affine|HueSaturationValue|RGBShift|GaussNoise|CoarseDropout)$"
)
SWITCHES = {"HorizontalFlip", "VerticalFlip", "Grayscale", "Invert", "Equalize", "Autocontrast"}
"""Transforms that only choose between two results, so that with a probability of 1 nothing is random."""
CHOICES = ("Lambda", "RandomApply", "RandomChoice", "RandomOrder")
"""Transforms that apply a function or other transforms."""


def held_out(name: str) -> bool:
    """Return True for the name of data that a network is not trained on.

    >>> held_out("valLoader"), held_out("X_test"), held_out("train_val"), held_out("invalid")
    (True, True, False, False)
    """
    words = [word.lower() for word in WORDS.findall(name)]
    return any(HELD_OUT.match(word) for word in words) and not training(name)


def training(name: str) -> bool:
    """Return True for the name of data that a network is trained on."""
    return any(TRAINING.match(word.lower()) for word in WORDS.findall(name))


def reachable(script: Script, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield every node of a pipeline, with the node in the text of `node` that leads to it.

    Names are followed where they have one certain value. Those of held-out data are not followed, because
    they are pipelines of their own; neither are conditional expressions.
    """
    waiting: list[tuple[ast.AST, ast.AST | None]] = [(node, None)]
    seen: set[ast.AST] = set()
    while waiting:
        part, source = waiting.pop()
        if part in seen or isinstance(part, ast.IfExp | ast.Lambda):
            continue
        seen.add(part)
        yield part, source or part
        if isinstance(part, ast.Name) and not held_out(part.id):
            value = flow(script).value(part)
            if isinstance(value, ast.Call | ast.List | ast.Tuple | ast.BinOp) and value is not part:
                waiting.append((value, source or part))
        waiting += [(child, source) for child in _children(part)][::-1]


def _children(node: ast.AST) -> list[ast.AST]:
    """Return what a pipeline is made of: of a data set, only the transforms that it is given."""
    if not isinstance(node, ast.Call):
        return list(ast.iter_child_nodes(node))
    words = [word.value for word in node.keywords if word.arg is None or PIPELINE.search(word.arg)]
    named = [value for value in node.args if not isinstance(value, ast.Name) or _is_pipeline(value)]
    return [*named, *words]


def _is_pipeline(name: ast.Name) -> bool:
    return bool(PIPELINE.search(name.id)) or name.id.lower().startswith(("norm", "flip", "crop", "color"))


def random_transforms(script: Script, node: ast.AST) -> Iterator[tuple[ast.Call, ast.AST]]:
    """Yield the random transforms of a pipeline, each with the node in the text that leads to it."""
    for part, source in reachable(script, node):
        if isinstance(part, ast.Call) and _random(script, part):
            yield part, source


def _random(script: Script, call: ast.Call) -> bool:
    home = script.called(call)
    name = home.rpartition(".")[2]
    if not home.startswith(LIBRARIES) or not RANDOM.match(name):
        return False
    given = argument(call, "p", 0 if name.startswith("Random") else None)
    chance = flow(script).literal(given) if given is not None else 0.5
    switch = name.removeprefix("Random") in SWITCHES
    return not (switch and chance in (0, 1)) and not (
        given in [w.value for w in call.keywords] and chance == 0
    )


def composed(script: Script, node: ast.AST) -> list[ast.Call] | None:
    """Return the transforms that a `Compose` of torchvision applies; None if one of them is not known."""
    value = flow(script).value(node)
    if isinstance(value, ast.Call) and _home(script, value) == "Compose" and len(value.args) == 1:
        return _listed(script, value.args[0])
    return None


def _listed(script: Script, node: ast.AST) -> list[ast.Call] | None:
    sequence = flow(script).value(node)
    if not isinstance(sequence, ast.List | ast.Tuple):
        return None
    transforms: list[ast.Call] = []
    for part in sequence.elts:
        inner = _listed(script, part.value) if isinstance(part, ast.Starred) else _single(script, part)
        if inner is None:
            return None
        transforms += inner
    return transforms


def _single(script: Script, node: ast.expr) -> list[ast.Call] | None:
    value = flow(script).value(node)
    name = _home(script, value)
    if name == "Compose":
        return composed(script, node)
    return [value] if isinstance(value, ast.Call) and name not in ("", *CHOICES) else None


def normalizations(script: Script, transforms: list[ast.Call]) -> list[ast.Call]:
    """Return the transforms that normalise."""
    return [call for call in transforms if _home(script, call) == "Normalize"]


def _home(script: Script, node: ast.AST | None) -> str:
    """Return the name of the transform of torchvision that a call makes; an empty text for others."""
    home = script.called(node) if node is not None else ""
    return home.rpartition(".")[2] if home.startswith("torchvision.transforms.") else ""


def statistics(script: Script, call: ast.Call) -> list[tuple[float, ...]] | None:
    """Return the mean and the deviation of a normalisation, without repetitions; None if they are unknown."""
    values = []
    for position, name in enumerate(("mean", "std")):
        given = argument(call, name, position)
        node = flow(script).value(given) if given is not None else None
        parts = node.elts if isinstance(node, ast.Tuple | ast.List) else []
        numbers = [flow(script).literal(part) for part in parts]
        if not numbers or not all(isinstance(number, int | float) for number in numbers):
            return None
        same = len(set(numbers)) == 1
        values.append(tuple(numbers[:1] if same else numbers))
    return values  # type: ignore[return-value]  # every number was checked


def owner(node: ast.AST) -> str:
    """Return the last name of the data that a mean, a deviation or a bound is taken of; else an empty text.

    >>> owner(ast.parse("x_test.mean(axis=0)").body[0].value), owner(ast.parse("np.std(x)").body[0].value)
    ('x_test', 'x')
    """
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np" | "numpy" | "torch")), args=[data, *_]):
            return _statistic(node.func, data)
        case ast.Call(func=ast.Attribute(value=data)):
            return _statistic(node.func, data)
    return ""


def _statistic(function: ast.expr, data: ast.expr) -> str:
    return last_name(data) or "" if last_name(function) in {"mean", "std", "min", "max"} else ""
