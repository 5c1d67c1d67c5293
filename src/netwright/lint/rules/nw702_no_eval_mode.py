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
calls it, also where a decorator of a file in the same folder sets them; if a decorator comes from elsewhere,
or the loop gives the network to a function of another file, nothing is said. A function that nothing in this
file calls is not judged. `eval()` is not required for a network without batch normalisation and dropout, even
if its class is imported from a file in the same folder. The finding is an error if such a layer is seen in
the class of the network, and a warning otherwise. The fix is safe if the class has been seen.

Instead.

    model.eval()
    with torch.no_grad():
        for x, y in loader:
            correct += (model(x).argmax(1) == y).sum().item()
"""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from netwright.lint.calls import calls
from netwright.lint.finding import Fix, Remark, Severity
from netwright.lint.flow import flow
from netwright.lint.loops import TRAINING, Evaluation, Training, evaluations, trainings
from netwright.lint.modules import constructors, looks_like_model, modal
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, LOOPS, Script


def look(script: Script) -> Iterator[Remark]:
    """Report evaluations in training mode, then trainings that never return to training mode."""
    for evaluation in evaluations(script):
        yield from _evaluation(script, evaluation)
    for training in trainings(script):
        yield from _training(script, training)


def _evaluation(script: Script, evaluation: Evaluation) -> Iterator[Remark]:
    known = calls(script)
    scopes = known.surroundings(evaluation.loop)
    if scopes is None or any(known.marks(scope) is None for scope in scopes):
        return
    mode = modal(script, evaluation.model)
    no_eval = mode is not False and not any(_says_eval(script, scope) for scope in scopes)
    tracks = not known.gradless(evaluation.loop) and not _hands_on(script, evaluation)
    if not no_eval and not tracks:
        return
    name = script.segment(evaluation.model)
    missing = [text for text, yes in ((f"`{name}.eval()`", no_eval), ("`torch.no_grad()`", tracks)) if yes]
    severity: Severity = "error" if no_eval and mode else "warning"
    effect = "every batch keeps its activations"
    if no_eval:
        effect = "its norms use and update batch statistics, and its dropout is active"
        effect = effect if mode else "if it has batch norms or dropout, they act as in training"
    yield Remark(
        script.at(evaluation.loop),
        f"this loop measures `{name}` without {' and '.join(missing)}: {effect}.",
        evidence={"missing": [text.strip("`") for text in missing]},
        fix=_quiet(script, evaluation, no_eval, tracks, seen=mode is not None),
        severity=severity,
    )


def _says_eval(script: Script, scope: ast.AST) -> bool:
    known = calls(script)
    return (
        bool(known.methods(scope, "eval"))
        or "eval" in (known.marks(scope) or ())
        or any(
            isinstance(call.args[0] if call.args else None, ast.Constant) and call.args[0].value is False  # type: ignore[attr-defined]  # the line is the check
            for call in known.methods(scope, "train")
        )
    )


def _hands_on(script: Script, evaluation: Evaluation) -> bool:
    """Return True when the loop gives the model to a function of another file, which may need gradients."""
    model = ast.dump(evaluation.model)
    for node in calls(script).nodes(evaluation.loop):
        given = [*node.args, *(word.value for word in node.keywords)] if isinstance(node, ast.Call) else []
        foreign = isinstance(node, ast.Call) and not calls(script).called(node)
        if foreign and any(ast.dump(value) == model for value in given):
            return True
    return False


def _quiet(script: Script, evaluation: Evaluation, no_eval: bool, tracks: bool, seen: bool) -> Fix:
    """Return the fix with `eval()` before the loop, and `no_grad` as a decorator or around the loop.

    It has no edits where a training after the evaluation would not return to training mode, and it is safe
    only for a network whose class has been seen.
    """
    loop = evaluation.loop
    name = script.segment(evaluation.model)
    function = script.scope(loop)
    decorates = tracks and _only_evaluates(script, function)
    wrapped = _wrapped(script, loop) if tracks and not decorates else None
    lines = [f"{name}.eval()"] * no_eval
    lines += [("@" if decorates or wrapped is None else "with ") + "torch.no_grad()"] * tracks
    possible = not tracks or (script.imports.get("torch") == "torch" and (decorates or wrapped is not None))
    edits = []
    if possible and (not no_eval or (_resume(script, evaluation) and _given(script, evaluation))):
        edits += [script.insert(loop, f"{name}.eval()")] if no_eval else []
        edits += [script.replace(loop, wrapped)] if wrapped is not None else []
        edits += [script.insert(function, "@torch.no_grad()")] if decorates else []  # type: ignore[arg-type]
    return Fix(" and ".join(lines), safe=seen, edits=tuple(edits))


def _only_evaluates(script: Script, function: ast.AST) -> bool:
    """Return True for a function in which nothing that it runs computes gradients."""
    known = calls(script)
    return isinstance(function, ast.FunctionDef) and known.words(known.reached(function)).isdisjoint(TRAINING)


def _wrapped(script: Script, loop: ast.For) -> str | None:
    """Return a loop inside `with torch.no_grad()`; None where it holds a text of several lines."""
    indent = script.lines[loop.lineno - 1][: script.at(loop).column - 1]
    texts = [node for node in ast.walk(loop) if isinstance(node, ast.Constant | ast.JoinedStr)]
    if indent.strip(" ") or any(node.lineno != node.end_lineno for node in texts):
        return None
    body = re.sub(r"\n(?=[^\n])", "\n    ", script.segment(loop))
    return f"with torch.no_grad():\n{indent}    {body}"


def _given(script: Script, evaluation: Evaluation) -> bool:
    """Return True when the function itself binds the name of the model; otherwise see NW703."""
    home = flow(script).home(evaluation.model) if isinstance(evaluation.model, ast.Name) else None
    return home is not None and home is script.scope(evaluation.loop)


def _training(script: Script, training: Training) -> Iterator[Remark]:
    epochs = _forgets(script, training)
    if epochs is None:
        return
    name = _trained(script, training)
    said = _evaluates_in(script, epochs)
    edits = (script.insert(training.loop, f"{name}.train()"),) if name else ()
    yield Remark(
        script.at(training.loop),
        f"the epochs on line {epochs.lineno} alternate between training and evaluation, "
        f"and nothing calls `{name or 'model'}.train()`"
        + (" in them, so from the second epoch on it trains in eval mode." if said else "."),
        evidence={"epochs": epochs.lineno},
        fix=Fix(
            f"{name or 'model'}.train() before line {training.loop.lineno}",
            safe=said or all(node.attr != "eval" for node in script.nodes(ast.Attribute)),
            edits=edits,
        ),
        severity="error" if said else "warning",
    )


def _forgets(script: Script, training: Training) -> ast.stmt | None:
    """Return the epoch loop that runs this training and an evaluation and never returns to training mode."""
    around = calls(script).surroundings(training.loop) or [script.scope(training.loop)]
    ever = _resumes(script, [*around, *calls(script).reached(training.loop)])
    for loop, run in _alternating(script):
        if training.loop not in run or _resumes(script, [*calls(script).reached(loop), training.scope]):
            continue
        judged = [evaluation for evaluation in evaluations(script) if evaluation.loop in run]
        if any(_matters(script, evaluation) and _read(script, evaluation) for evaluation in judged):
            return loop if _evaluates_in(script, loop) or not ever else None
    return None


def _read(script: Script, evaluation: Evaluation) -> bool:
    """Return True when every decorator around an evaluation is known; others may set and reset the mode."""
    scopes = calls(script).surroundings(evaluation.loop) or []
    return all(calls(script).marks(scope) is not None for scope in scopes)


def _evaluates_in(script: Script, epochs: ast.AST) -> bool:
    """Return True when the epochs call `eval()` of what may be the network that is evaluated."""
    judged = [set(constructors(script, evaluation.model) or ()) for evaluation in evaluations(script)]
    for scope in calls(script).reached(epochs):
        for call in calls(script).methods(scope, "eval"):
            assert isinstance(call.func, ast.Attribute)
            made = set(constructors(script, call.func.value) or ())
            if not made or any(not own or made & own for own in judged):
                return True
    return False


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


def _resume(script: Script, evaluation: Evaluation) -> bool:
    """Return True when every training returns to training mode after an evaluation, or can be made to."""
    for training in trainings(script):
        alternates = [loop for loop, run in _alternating(script) if {training.loop, evaluation.loop} <= run]
        around = calls(script).surroundings(training.loop) or [script.scope(training.loop)]
        scopes = [scope for loop in alternates for scope in calls(script).reached(loop)]
        scopes = scopes or [*around, *calls(script).reached(training.loop)]
        if not _resumes(script, scopes) and not (alternates and _trained(script, training)):
            return False
    return True


def _matters(script: Script, evaluation: Evaluation) -> bool:
    return modal(script, evaluation.model) is not False


def _resumes(script: Script, scopes: Iterable[ast.AST]) -> bool:
    """Return True when one of these scopes calls `train()` of a network, or sets its mode otherwise."""
    methods = [node for node in script.nodes(*FUNCTIONS) if isinstance(script.parents[node], ast.ClassDef)]
    own = any(method.name == "train" for method in methods)
    for scope in scopes:
        calling = calls(script).methods(scope, "train")
        modes = [
            call for call in calling if not own or all(isinstance(arg, ast.Constant) for arg in call.args)
        ]
        if modes or "training" in calls(script).words([scope]):
            return True
    return False


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
