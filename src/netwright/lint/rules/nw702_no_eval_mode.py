"""A network is evaluated in training mode, or trained in evaluation mode.

What. A loop that measures a network without any backward pass runs without `model.eval()` or without
`torch.no_grad()`; or an epoch loop alternates between training and evaluation and never calls
`model.train()`.

Why. In training mode, batch normalisation uses the statistics of the current batch and continues to update
its running averages with the validation data, and dropout is active (Ioffe & Szegedy 2015, section 3.1:
inference uses fixed statistics). Without `no_grad`, every batch keeps the activations that a backward pass
would need. After `eval()` without `train()`, everything from the second epoch on is trained with frozen
statistics and without dropout.

Guard. `eval()` and `no_grad()` may stand in the function, in a decorator, or in any function of the file that
calls it. A function that nothing in this file calls is not judged. `eval()` is not required for a network
without normalisation and dropout, even if its class is imported from a file in the same folder. The finding
is an error if such a layer is seen in the class of the network, and a warning otherwise.

Instead.

    model.eval()
    with torch.no_grad():
        for x, y in loader:
            correct += (model(x).argmax(1) == y).sum().item()
"""

import ast
from collections.abc import Iterator
from functools import lru_cache

from netwright.lint.calls import calls
from netwright.lint.finding import Fix, Remark, Severity
from netwright.lint.flow import flow
from netwright.lint.loops import Evaluation, Training, evaluations, trainings
from netwright.lint.modules import looks_like_model, modal
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, LOOPS, Script


def look(script: Script) -> Iterator[Remark]:
    """Report evaluations in training mode, then trainings that never return to training mode."""
    for evaluation in evaluations(script):
        yield from _evaluation(script, evaluation)
    for training in trainings(script):
        yield from _training(script, training)


def _evaluation(script: Script, evaluation: Evaluation) -> Iterator[Remark]:
    scopes = calls(script).surroundings(evaluation.loop)
    if scopes is None:
        return
    mode = modal(script, evaluation.model)
    no_eval = mode is not False and not any(_says_eval(script, scope) for scope in scopes)
    tracks = not calls(script).gradless(scopes)
    if not no_eval and not tracks:
        return
    name = script.segment(evaluation.model)
    missing = [text for text, yes in ((f"`{name}.eval()`", no_eval), ("`torch.no_grad()`", tracks)) if yes]
    severity: Severity = "error" if no_eval and mode else "warning"
    effect = (
        "its norms use and update batch statistics, and its dropout is active"
        if no_eval
        else "every batch keeps its activations"
    )
    yield Remark(
        script.at(evaluation.loop),
        f"this loop measures `{name}` without {' and '.join(missing)}: {effect}.",
        evidence={"missing": [text.strip("`") for text in missing]},
        fix=_quiet(script, evaluation, no_eval, tracks),
        severity=severity,
    )


def _says_eval(script: Script, scope: ast.AST) -> bool:
    return bool(calls(script).methods(scope, "eval")) or any(
        isinstance(call.args[0] if call.args else None, ast.Constant) and call.args[0].value is False  # type: ignore[attr-defined]  # the line is the check
        for call in calls(script).methods(scope, "train")
    )


def _quiet(script: Script, evaluation: Evaluation, no_eval: bool, tracks: bool) -> Fix:
    """Return the fix with `eval()` before the loop and `no_grad` as a decorator.

    It has no edits where a training after the evaluation would not return to training mode.
    """
    name = script.segment(evaluation.model)
    lines = [f"{name}.eval()"] * no_eval + ["@torch.no_grad()"] * tracks
    function = script.scope(evaluation.loop)
    decorated = not tracks or (isinstance(function, FUNCTIONS) and script.imports.get("torch") == "torch")
    resumes = _all_resume(script)
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
    """Return True when the function itself binds the name of the model; otherwise see NW703."""
    home = flow(script).home(evaluation.model) if isinstance(evaluation.model, ast.Name) else None
    return home is not None and home is script.scope(evaluation.loop)


def _training(script: Script, training: Training) -> Iterator[Remark]:
    epochs = _forgets(script, training)
    if epochs is None:
        return
    name = _trained(script, training)
    said = "eval" in calls(script).words(calls(script).reached(epochs))
    edits = (script.insert(training.loop, f"{name}.train()"),) if name else ()
    yield Remark(
        script.at(training.loop),
        f"the epochs on line {epochs.lineno} alternate between training and evaluation, "
        f"and nothing calls `{name or 'model'}.train()`"
        + (", so from the second epoch on it trains in eval mode." if said else "."),
        evidence={"epochs": epochs.lineno},
        fix=Fix(f"{name or 'model'}.train() before line {training.loop.lineno}", safe=True, edits=edits),
        severity="error" if said else "warning",
    )


def _forgets(script: Script, training: Training) -> ast.stmt | None:
    """Return the epoch loop that runs this training and an evaluation and never calls `train()`."""
    if _resumes(script, training):
        return None
    for loop, run in _alternating(script):
        if training.loop in run:
            judged = [evaluation for evaluation in evaluations(script) if evaluation.loop in run]
            return loop if any(_matters(script, evaluation) for evaluation in judged) else None
    return None


@lru_cache(maxsize=8)
def _alternating(script: Script) -> list[tuple[ast.stmt, set[ast.AST]]]:
    """Return the loops that run an evaluation, each with all training and evaluation loops that it runs."""
    judging = {evaluation.loop for evaluation in evaluations(script)}
    by_scope: dict[ast.AST, set[ast.AST]] = {}
    for loop in [*judging, *(training.loop for training in trainings(script))]:
        by_scope.setdefault(script.scope(loop), set()).add(loop)
    alternating = []
    for loop in script.nodes(*LOOPS):
        own = by_scope.get(script.scope(loop), set()).intersection(calls(script).nodes(loop))
        run = own.union(*(by_scope.get(scope, set()) for scope in calls(script).reached(loop)))
        if run & judging:
            alternating.append((loop, run))
    return alternating


@lru_cache(maxsize=8)
def _all_resume(script: Script) -> bool:
    """Return True when every training returns to training mode, or is reported for not doing so."""
    return all(_resumes(script, training) or _forgets(script, training) for training in trainings(script))


def _matters(script: Script, evaluation: Evaluation) -> bool:
    return modal(script, evaluation.model) is not False


def _resumes(script: Script, training: Training) -> bool:
    """Return True when `train()` is called around or inside the training loop."""
    known = calls(script)
    scopes = known.surroundings(training.loop) or [script.scope(training.loop)]
    return bool(known.words([*scopes, *known.reached(training.loop)]) & {"train", "training"})


def _trained(script: Script, training: Training) -> str | None:
    """Return the name of the model that the training loop calls, if there is only one."""
    names = {
        node.func.id
        for node in calls(script).nodes(training.loop)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and looks_like_model(script, node.func)
    }
    return names.pop() if len(names) == 1 else None


RULE = Rule("error", "safe", script=look)
