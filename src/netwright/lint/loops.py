"""The training and evaluation loops of a script."""

import ast
from dataclasses import dataclass
from functools import lru_cache

from netwright.lint.calls import Calls, calls
from netwright.lint.flow import flow
from netwright.lint.modules import is_optimizer, last_name, looks_like_model
from netwright.lint.script import FUNCTIONS, LOOPS, Script

Loop = ast.For | ast.AsyncFor | ast.While
LOSSES = ("loss", "criterion", "entropy")
TRAINING = {"backward", "step", "grad", "autograd", "zero_grad"}
GRADIENTS = {"backward", "grad", "autograd"}
METRICS = {"argmax", "max", "eq", "topk", "item"}


@dataclass(frozen=True, eq=False)
class Training:
    """A loop that steps an optimizer after a backward pass, the innermost one.

    Args:
        loop: The loop, or the one that calls the function with the step.
        backward: The first backward pass since the step before.
        step: The call of `step`.
        optimizer: The expression of the optimizer.
        scope: The loop, function or closure that the backward pass stands in.
    """

    loop: Loop
    backward: ast.Call
    step: ast.Call
    optimizer: ast.expr
    scope: ast.AST


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A loop over batches that calls a model and measures its outputs, without any backward pass."""

    loop: ast.For
    call: ast.Call

    @property
    def model(self) -> ast.expr:
        """The expression of the model that the loop calls."""
        return self.call.func


@lru_cache(maxsize=8)
def trainings(script: Script) -> list[Training]:
    """Return every training loop, in the order of the file."""
    training_loops = []
    for step in script.nodes(ast.Call):
        optimizer = stepped(script, step)
        if optimizer is None:
            continue
        scope = _closure(script, step) or enclosing_loop(script, step) or script.scope(step)
        backward = _backward(script, scope, step)
        if backward is not None:
            loops = _running(script, step)
            training_loops += [Training(loop, backward, step, optimizer, scope) for loop in loops]
    return sorted(training_loops, key=lambda training: training.step.lineno)


def _running(script: Script, step: ast.Call) -> list[Loop]:
    """Return the loop around a step, or the loops that call the function of the step."""
    loop = enclosing_loop(script, step)
    if loop is not None:
        return [loop]
    callers = calls(script).callers(script.scope(step))
    loops = [enclosing_loop(script, call) for call in callers if call is not step]
    return [loop for loop in dict.fromkeys(loops) if loop is not None]


def _backward(script: Script, scope: ast.AST, step: ast.Call) -> ast.Call | None:
    """Return the first backward pass since the step before this one, or else the last one of the scope."""
    backwards = calls(script).methods(scope, "backward")
    before = [call.lineno for call in calls(script).methods(scope, "step") if stepped(script, call)]
    start = max((line for line in before if line < step.lineno), default=0)
    since = [call for call in backwards if start < call.lineno <= step.lineno]
    return next(iter(since or backwards[-1:]), None)


def _closure(script: Script, step: ast.Call) -> ast.AST | None:
    """Return the function of this file that a step is given, as in `optimizer.step(closure)`."""
    given = step.args[0] if step.args else None
    origins = flow(script).origins(given) if isinstance(given, ast.Name) else None
    return origins[0] if origins and len(origins) == 1 and isinstance(origins[0], FUNCTIONS) else None


def stepped(script: Script, call: ast.Call) -> ast.expr | None:
    """Return the optimizer that `optimizer.step()` or `scaler.step(optimizer)` steps."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "step":
        return None
    closed = not call.args or _closure(script, call) is not None
    if closed and not call.keywords and is_optimizer(script, call.func.value):
        return call.func.value
    scaled = len(call.args) == 1 and "scaler" in (last_name(call.func.value) or "").lower()
    return call.args[0] if scaled and is_optimizer(script, call.args[0]) else None


def enclosing_loop(script: Script, node: ast.AST) -> Loop | None:
    """Return the innermost loop around a node within its function."""
    for up in script.above(node):
        if isinstance(up, LOOPS):
            return up
        if isinstance(up, (*FUNCTIONS, ast.Lambda)):
            return None
    return None


@lru_cache(maxsize=8)
def evaluations(script: Script) -> list[Evaluation]:
    """Return every evaluation loop, in the order of the file."""
    evaluation_loops = []
    for loop in script.nodes(ast.For):
        call = _model_call(script, loop)
        if call is None or _trains(script, loop) or not _measures(calls(script), loop):
            continue
        nodes = calls(script).nodes(loop)
        if not any(isinstance(node, LOOPS) and _model_call(script, node) for node in nodes):
            evaluation_loops.append(Evaluation(loop, call))
    return sorted(evaluation_loops, key=lambda evaluation: evaluation.loop.lineno)


def _model_call(script: Script, loop: Loop) -> ast.Call | None:
    """Return the first call of a model on the items of the loop."""
    if not isinstance(loop, ast.For):
        return None
    batch = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    nodes = calls(script).nodes(loop)
    for node in nodes:
        if isinstance(node, ast.Assign) and batch & _read(node.value):
            batch |= {
                name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)
            }
    for node in nodes:
        if not isinstance(node, ast.Call) or not node.args or not batch & _read(node.args[0]):
            continue
        if isinstance(node.func, ast.Name | ast.Attribute) and looks_like_model(script, node.func):
            return node
    return None


def _read(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _trains(script: Script, loop: ast.For) -> bool:
    """Return True when a loop computes gradients, or stands in a function that does so outside of a loop."""
    known = calls(script)
    if known.words(known.reached(loop)) & TRAINING:
        return True
    around = next((up for up in script.above(loop) if isinstance(up, FUNCTIONS)), None)
    if around is None or known.words([around]).isdisjoint(TRAINING):
        return False
    training = {one.loop for one in trainings(script) if script.scope(one.loop) is around}
    apart = training.difference(script.above(loop))
    sums = {
        name for node in known.nodes(loop) if isinstance(node, ast.AugAssign) for name in _read(node.target)
    }
    gradients = [node for node in known.nodes(around) if getattr(node, "attr", "") in GRADIENTS]
    return not apart or any(apart.isdisjoint(script.above(node)) or sums & _read(node) for node in gradients)


def _measures(known: Calls, loop: ast.For) -> bool:
    """Return True when the loop accumulates a count or a loss from the outputs of the model."""
    nodes = known.nodes(loop)
    adds = any(isinstance(node, ast.AugAssign) for node in nodes)
    appends = bool(known.methods(loop, "append", "extend", "update"))
    judged = any(isinstance(node, ast.Compare) for node in nodes) or bool(known.methods(loop, *METRICS))
    names = [(last_name(node.func) or "").lower() for node in nodes if isinstance(node, ast.Call)]
    loss = any(word in name for name in names for word in LOSSES)
    return (adds or appends) and (judged or loss)
