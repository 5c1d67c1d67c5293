"""The validation data are changed in another way than they should be.

What. Random transforms reach the validation or test data, by their own pipeline or because they were split
off from augmented training data; or these data are normalised by statistics of their own, by other constants
than the training data, or not at all.

Why. A validation that flips and crops at random measures other data each time: the best epoch is partly luck,
and no two runs compare. A network learns for inputs that were shifted and scaled in one way. Validation data
that are standardised by their own mean lose just the shift that a test has to show, and other constants make
all inputs unfamiliar. Statistics belong to the training set and are kept (Hastie, Tibshirani & Friedman 2009,
section 7.10.2). Results in shuffled order that are compared with `val_set.targets` look like chance.

Guard. Data are held out if their name, the key of a dictionary, `train=False` or a split says so. Names are
followed only where their value is certain. A flip with a probability of 1 is not random. Data that are split
off are not judged in a file that sets a `.transform` or copies data sets, and files of tests are not judged.

Instead.

    augmented = datasets.CIFAR10(root, train=True, transform=train_transform)
    plain = datasets.CIFAR10(root, train=True, transform=val_transform)
    train_set, val_set = Subset(augmented, indices[:45000]), Subset(plain, indices[45000:])
"""

import ast
from collections.abc import Iterator
from typing import TypeGuard

from netwright.lint.calls import calls
from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import argument, flow
from netwright.lint.modules import last_name
from netwright.lint.pipelines import (
    composed,
    held_out,
    normalizations,
    owner,
    random_transforms,
    statistics,
    training,
)
from netwright.lint.rule import Rule
from netwright.lint.script import Script

SPLITS = {"split", "mode", "phase", "subset", "image_set", "partition"}
PARTS = {"torch.utils.data.random_split", "torch.utils.data.Subset", "torch.utils.data.DataLoader"}
ORDERED = {"targets", "labels", "samples", "imgs", "images", "data", "filenames", "files", "paths"}
"""What a data set holds in its own order."""
ADVICE = "give the held-out data a pipeline without random transforms"


def look(script: Script) -> Iterator[Remark]:
    """Report random transforms of held-out data, and statistics of other data."""
    if any(home.split(".")[0] in ("pytest", "unittest") for home in script.imports.values()):
        return
    for name, pipeline in _pipelines(script):
        yield from _augmented(script, name, pipeline)
    yield from _split_off(script)
    yield from _shuffled(script)
    yield from _fitted(script)
    yield from _standardised(script)
    for named in _together(script):
        yield from _normalised(script, named)


def _pipelines(script: Script) -> Iterator[tuple[str, ast.expr]]:
    """Yield what held-out data are made of, with their name."""
    for node in script.nodes(ast.Assign):
        name = (last_name(node.targets[0]) if len(node.targets) == 1 else None) or ""
        if held_out(name):
            yield name, node.value
    for node in script.nodes(ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and held_out(key.value):
                yield key.value, value
    for call in script.nodes(ast.Call):
        yield from ((word.arg, word.value) for word in call.keywords if word.arg and held_out(word.arg))
        if any(_says_held_out(word) for word in call.keywords):
            target = getattr(script.parents[call], "targets", [None])[0]
            yield (last_name(target) if target is not None else None) or "the held-out data", call


def _says_held_out(word: ast.keyword) -> bool:
    match word:
        case ast.keyword(arg="train", value=ast.Constant(value=False)):
            return True
        case ast.keyword(arg=str(name), value=ast.Constant(value=str(part))):
            return name in SPLITS and held_out(part)
    return False


def _augmented(script: Script, name: str, pipeline: ast.expr) -> Iterator[Remark]:
    reached = list(random_transforms(script, pipeline))
    if reached:
        transform, place = reached[0]
        text = last_name(transform.func)
        where = "" if place is transform else f" (line {transform.lineno})"
        yield Remark(
            script.at(place if isinstance(place, ast.expr) else transform),
            f"`{text}`{where} changes `{name}` at random, so every validation measures other data.",
            evidence={"transforms": [last_name(call.func) for call, _ in reached]},
            fix=Fix(ADVICE),
        )


def _split_off(script: Script) -> Iterator[Remark]:
    """Yield held-out data that are a part of data with random transforms."""
    if any(
        isinstance(node.ctx, ast.Store) for node in script.nodes(ast.Attribute) if "transform" in node.attr
    ):
        return
    if any(last_name(call.func) in ("deepcopy", "copy") for call in script.nodes(ast.Call)):
        return
    for node in script.nodes(ast.Assign):
        names = [inner.id for inner in ast.walk(node.targets[0]) if isinstance(inner, ast.Name)]
        parts = [name for name in names if held_out(name)]
        if not parts or script.called(node.value) not in PARTS or not node.value.args:
            continue
        data = flow(script).value(node.value.args[0])
        if not isinstance(node.value.args[0], ast.Name) or not _whole(data):
            continue
        for transform, _ in list(random_transforms(script, data))[:1]:
            yield Remark(
                script.at(node),
                f"`{parts[0]}` is a part of `{node.value.args[0].id}`, whose transforms change it at random "
                f"(`{last_name(transform.func)}` on line {transform.lineno}).",
                evidence={"transform": transform.lineno},
                fix=Fix(
                    "split the indices, and take those of the held-out data from a data set of their own"
                ),
            )


def _whole(data: ast.AST | None) -> TypeGuard[ast.Call]:
    """Return True for a call that makes data which are not held out as a whole."""
    return isinstance(data, ast.Call) and not any(map(_says_held_out, data.keywords))


def _shuffled(script: Script) -> Iterator[Remark]:
    """Yield what a data set holds in its order where it meets what a shuffled loop collects."""
    for loop in script.nodes(ast.For):
        if "backward" in calls(script).words([loop]):
            continue
        for loader in (node for node in ast.walk(loop.iter) if isinstance(node, ast.Name)):
            data = _shuffled_data(script, loader)
            for use in _ordered(script, data, loop) if data else ():
                yield Remark(
                    script.at(use),
                    f"`{script.segment(use)}` is in the order of the data, and `{loader.id}` shuffles them.",
                    evidence={"loop": loop.lineno},
                    fix=Fix(f"shuffle=False where `{loader.id}` is made"),
                )


def _shuffled_data(script: Script, loader: ast.Name) -> str:
    """Return the name of the data that a loader certainly shuffles; an empty text if that is not known."""
    made = flow(script).value(loader)
    if (
        not isinstance(made, ast.Call)
        or script.called(made) != "torch.utils.data.DataLoader"
        or not made.args
    ):
        return ""
    shuffled = flow(script).literal(argument(made, "shuffle", 2)) is True
    return (last_name(made.args[0]) or "") if shuffled else ""


def _ordered(script: Script, data: str, loop: ast.For) -> Iterator[ast.Attribute]:
    """Yield where the order of a data set meets the counter of a loop, or a list that the loop appends to."""
    counters = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    lists = {ast.unparse(call.func.value) for call in calls(script).methods(loop, "append", "extend")}  # type: ignore[attr-defined]
    inner = set(calls(script).nodes(loop))
    for node in calls(script).nodes(script.scope(loop)):
        match node:
            case ast.Subscript(value=ast.Attribute() as held, slice=index) if node in inner:
                if _holds(held, data) and counters & {ast.unparse(part) for part in ast.walk(index)}:
                    yield held
            case ast.Call(args=[*values]) if node not in inner and node.lineno > loop.lineno:
                if lists & set(map(ast.unparse, values)):
                    yield from (value for value in values if _holds(value, data))  # type: ignore[misc]


def _holds(node: ast.AST, data: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ORDERED and last_name(node.value) == data


def _fitted(script: Script) -> Iterator[Remark]:
    """Yield scalers of scikit-learn that are fitted to held-out data besides others."""
    fits = []
    for call in script.nodes(ast.Call):
        match call:
            case ast.Call(func=ast.Attribute(value=scaler, attr="fit" | "fit_transform"), args=[data, *_]):
                makers = flow(script).origins(scaler) or []
                if makers and all(
                    script.called(made).startswith("sklearn.preprocessing.") for made in makers
                ):
                    fits.append((call, last_name(data) or ""))
    if any(not held_out(name) for _, name in fits):
        for call, name in fits:
            if held_out(name):
                yield Remark(
                    script.at(call),
                    f"`{script.segment(call.func)}` takes its statistics from `{name}`, "
                    "and not from the training data.",
                    evidence={"data": name},
                    fix=Fix(f"fit to the training data, and only transform `{name}`"),
                )


def _standardised(script: Script) -> Iterator[Remark]:
    """Yield held-out data that are standardised by their own mean, where training data have one too."""
    owners = {owner(call) for call in script.nodes(ast.Call)}
    if not any(training(name) for name in owners):
        return
    for node in script.nodes(ast.BinOp):
        match node:
            case ast.BinOp(left=ast.BinOp(left=data, op=ast.Sub(), right=mean), op=ast.Div()):
                name = last_name(data) or ""
                value = flow(script).value(mean)
                if held_out(name) and value is not None and owner(value) == name:
                    yield Remark(
                        script.at(node),
                        f"`{name}` is standardised by statistics of its own, "
                        "and not by those of the training data.",
                        evidence={"data": name},
                        fix=Fix("use the mean and the deviation of the training data"),
                    )


Named = dict[str, ast.expr]


def _together(script: Script) -> Iterator[Named]:
    """Yield the expressions that one dictionary holds or one scope assigns, by their names."""
    for node in script.nodes(ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}
    scopes: dict[ast.AST, Named] = {}
    for node in script.nodes(ast.Assign):
        if isinstance(node.targets[0], ast.Name):
            scopes.setdefault(script.scope(node), {})[node.targets[0].id] = node.value
    yield from scopes.values()


def _normalised(script: Script, named: Named) -> Iterator[Remark]:
    """Report pipelines of held-out data that normalise otherwise than the only one of training data."""
    known = {name: parts for name in named if (parts := composed(script, named[name])) is not None}
    trained = [normalizations(script, parts) for name, parts in known.items() if training(name)]
    if len(trained) != 1 or len(trained[0]) != 1:
        return
    ours = trained[0][0]
    for name in filter(held_out, known):
        theirs = normalizations(script, known[name])
        if len(theirs) > 1 or (theirs and not _differ(script, ours, theirs[0])):
            continue
        how = "normalised by other constants than" if theirs else "not normalised, unlike"
        yield Remark(
            script.at(theirs[0] if theirs else named[name]),
            f"the held-out data of `{name}` are {how} the training data (line {ours.lineno}).",
            evidence={"training": ours.lineno},
            fix=Fix(script.segment(ours)),
        )


def _differ(script: Script, ours: ast.Call, theirs: ast.Call) -> bool:
    """Return True for two normalisations whose constants are known and not the same."""
    numbers = statistics(script, ours), statistics(script, theirs)
    return None not in numbers and numbers[0] != numbers[1]


RULE = Rule("warning", "manual", script=look)
