"""A network is evaluated as if it were being trained, or trained as if it were being evaluated.

What. A loop that measures a network without any backward pass runs without `model.eval()` or without
`torch.no_grad()`; or an epoch loop trains and evaluates in turn and never calls `model.train()`.

Why. In training mode batch normalisation uses the statistics of the very batch and goes on updating its
running averages with the validation data, and dropout drops (Ioffe & Szegedy 2015, section 3.1: inference
uses fixed statistics). Without `no_grad` every batch keeps the activations that a backward pass would need.
After `eval()` without `train()` everything from the second epoch on trains with frozen statistics and
without dropout.

Guard. `eval()` and `no_grad()` may stand in the function, in a decorator, or in any function of the file that
calls it; a function nobody in this file calls is not judged. `eval()` is not asked of a network without
normalisation and dropout, also where its class is imported from a file beside. An error when such a layer is
seen in the network's class; else a warning.

Instead.

    model.eval()
    with torch.no_grad():
        for x, y in loader:
            correct += (model(x).argmax(1) == y).sum().item()
"""

import ast
from collections.abc import Iterator

from netwright.lint.finding import Fix, Remark, Severity
from netwright.lint.flow import flow, inside
from netwright.lint.loops import (
    Evaluation,
    Training,
    evaluations,
    gradless,
    methods,
    reach,
    surroundings,
    trainings,
)
from netwright.lint.modules import looks_like_model, modal
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, LOOPS, Script


def look(script: Script) -> Iterator[Remark]:
    """Evaluations in training mode, then trainings that never return to it."""
    for evaluation in evaluations(script):
        yield from _evaluation(script, evaluation)
    for training in trainings(script):
        yield from _training(script, training)


def _evaluation(script: Script, evaluation: Evaluation) -> Iterator[Remark]:
    scopes = surroundings(script, evaluation.loop)
    if scopes is None:
        return
    mode = modal(script, evaluation.model)
    no_eval = mode is not False and not any(_says_eval(scope) for scope in scopes)
    tracks = not any(gradless(node) for scope in scopes for node in [scope, *inside(scope)])
    if not no_eval and not tracks:
        return
    name = script.segment(evaluation.model)
    missing = [text for text, yes in ((f"`{name}.eval()`", no_eval), ("`torch.no_grad()`", tracks)) if yes]
    severity: Severity = "error" if no_eval and mode else "warning"
    effect = (
        "its norms use and update batch statistics, its dropout drops" if no_eval else "activations are kept"
    )
    yield Remark(
        script.at(evaluation.loop),
        f"this loop measures `{name}` without {' and '.join(missing)}: {effect}.",
        evidence={"missing": [text.strip("`") for text in missing]},
        fix=_quiet(script, evaluation, no_eval, tracks),
        severity=severity,
    )


def _says_eval(scope: ast.AST) -> bool:
    return bool(methods(scope, "eval")) or any(
        isinstance(call.args[0] if call.args else None, ast.Constant) and call.args[0].value is False  # type: ignore[attr-defined]  # the line is the check
        for call in methods(scope, "train")
    )


def _quiet(script: Script, evaluation: Evaluation, no_eval: bool, tracks: bool) -> Fix:
    """`eval()` before the loop, `no_grad` as a decorator; by hand where training could not go on after."""
    name = script.segment(evaluation.model)
    lines = [f"{name}.eval()"] * no_eval + ["@torch.no_grad()"] * tracks
    function = script.scope(evaluation.loop)
    decorated = not tracks or (isinstance(function, FUNCTIONS) and script.imports.get("torch") == "torch")
    resumes = all(_resumes(script, training) or _forgets(script, training) for training in trainings(script))
    edits = []
    if decorated and resumes and _given(script, evaluation):
        edits += [script.insert(evaluation.loop, lines[0])] if no_eval else []
        edits += (
            [script.insert(function, "@torch.no_grad()")]
            if tracks and isinstance(function, FUNCTIONS)
            else []
        )
    return Fix(" and ".join(lines), safe=True, edits=tuple(edits))


def _given(script: Script, evaluation: Evaluation) -> bool:
    """True when what is called is the function's own: not a global called in place of a parameter (NW703)."""
    home = flow(script).home(evaluation.model) if isinstance(evaluation.model, ast.Name) else None
    return home is not None and home is script.scope(evaluation.loop)


def _training(script: Script, training: Training) -> Iterator[Remark]:
    epochs = _forgets(script, training)
    if epochs is None:
        return
    name = _trained(script, training)
    said = any(isinstance(node, ast.Attribute) and node.attr == "eval" for node in reach(script, epochs))
    edits = (script.insert(training.loop, f"{name}.train()"),) if name else ()
    yield Remark(
        script.at(training.loop),
        f"the epochs of line {epochs.lineno} train and evaluate in turn, "
        f"and nothing calls `{name or 'model'}.train()`"
        + (": from the second epoch on it trains in eval mode." if said else "."),
        evidence={"epochs": epochs.lineno},
        fix=Fix(f"{name or 'model'}.train() before line {training.loop.lineno}", safe=True, edits=edits),
        severity="error" if said else "warning",
    )


def _forgets(script: Script, training: Training) -> ast.stmt | None:
    """The epoch loop that runs this training and an evaluation without ever calling `train()`."""
    if _resumes(script, training):
        return None
    inner = {evaluation.loop for evaluation in evaluations(script)}
    for loop in script.nodes(*LOOPS):
        nodes = set(reach(script, loop))
        if training.loop in nodes and inner & nodes:
            judged = [evaluation for evaluation in evaluations(script) if evaluation.loop in nodes]
            return loop if any(_matters(script, evaluation) for evaluation in judged) else None
    return None


def _matters(script: Script, evaluation: Evaluation) -> bool:
    return modal(script, evaluation.model) is not False


def _resumes(script: Script, training: Training) -> bool:
    """True when `train()` is called around or inside the training loop."""
    scopes = surroundings(script, training.loop) or [script.scope(training.loop)]
    nodes = [node for scope in scopes for node in inside(scope)] + list(reach(script, training.loop))
    return any(isinstance(node, ast.Attribute) and node.attr in {"train", "training"} for node in nodes)


def _trained(script: Script, training: Training) -> str | None:
    """The name of what the training loop calls, when it is one name."""
    names = {
        node.func.id
        for node in inside(training.loop)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and looks_like_model(script, node.func)
    }
    return names.pop() if len(names) == 1 else None


RULE = Rule("error", "safe", script=look)
