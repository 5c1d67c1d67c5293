"""The training and evaluation loops of a script."""

import ast
from dataclasses import dataclass
from functools import lru_cache

from netwright.lint.calls import Calls, calls
from netwright.lint.modules import is_optimizer, last_name, looks_like_model
from netwright.lint.script import FUNCTIONS, LOOPS, Script

Loop = ast.For | ast.AsyncFor | ast.While
LOSSES = ("loss", "criterion", "entropy")
TRAINING = {"backward", "step", "grad", "autograd", "zero_grad"}
METRICS = {"argmax", "max", "eq", "topk", "item"}


@dataclass(frozen=True, eq=False)
class Training:
    """A loop that steps an optimizer after a backward pass, the innermost one."""

    loop: Loop
    backward: ast.Call
    step: ast.Call
    optimizer: ast.expr


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
        loop = enclosing_loop(script, step)
        if optimizer is None or loop is None:
            continue
        backwards = calls(script).methods(loop, "backward")
        if backwards:
            training_loops.append(Training(loop, backwards[-1], step, optimizer))
    return sorted(training_loops, key=lambda training: training.step.lineno)


def stepped(script: Script, call: ast.Call) -> ast.expr | None:
    """Return the optimizer that `optimizer.step()` or `scaler.step(optimizer)` steps."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "step":
        return None
    if not call.args and not call.keywords and is_optimizer(script, call.func.value):
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


def _trains(script: Script, loop: ast.AST) -> bool:
    around = next((up for up in script.above(loop) if isinstance(up, FUNCTIONS)), loop)
    return not TRAINING.isdisjoint(calls(script).words([*calls(script).reached(loop), around]))


def _measures(known: Calls, loop: ast.For) -> bool:
    """Return True when the loop accumulates a count or a loss from the outputs of the model."""
    nodes = known.nodes(loop)
    adds = any(isinstance(node, ast.AugAssign) for node in nodes)
    appends = bool(known.methods(loop, "append", "extend", "update"))
    judged = any(isinstance(node, ast.Compare) for node in nodes) or bool(known.methods(loop, *METRICS))
    names = [(last_name(node.func) or "").lower() for node in nodes if isinstance(node, ast.Call)]
    loss = any(word in name for name in names for word in LOSSES)
    return (adds or appends) and (judged or loss)
