"""The training and evaluation loops of a script."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from netwright.lint.flow import flow, inside
from netwright.lint.modules import is_optimiser, last_name, looks_like_model
from netwright.lint.script import FUNCTIONS, LOOPS, Function, Script

Loop = ast.For | ast.AsyncFor | ast.While
LOSSES = ("loss", "criterion", "entropy")
GRADLESS = {"no_grad", "inference_mode", "set_grad_enabled"}
METRICS = {"argmax", "max", "eq", "topk", "item"}


@dataclass(frozen=True, eq=False)
class Training:
    """The innermost loop that steps an optimiser after a backward pass."""

    loop: Loop
    backward: ast.Call
    step: ast.Call
    optimiser: ast.expr


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A loop over batches that calls a model and measures its outputs, without any backward pass."""

    loop: ast.For
    call: ast.Call

    @property
    def model(self) -> ast.expr:
        """What is called."""
        return self.call.func


def methods(node: ast.AST, *names: str) -> list[ast.Call]:
    """The calls of methods of these names inside a node's own scope."""
    return [
        inner
        for inner in inside(node)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr in names
    ]


@lru_cache(maxsize=8)
def trainings(script: Script) -> list[Training]:
    """Every training loop, in the order of the file."""
    found = []
    for step in script.nodes(ast.Call):
        optimiser = _stepped(script, step)
        loop = enclosing_loop(script, step)
        if optimiser is None or loop is None:
            continue
        backwards = methods(loop, "backward")
        if backwards:
            found.append(Training(loop, backwards[-1], step, optimiser))
    return sorted(found, key=lambda training: training.step.lineno)


def _stepped(script: Script, call: ast.Call) -> ast.expr | None:
    """The optimiser that `optimizer.step()` or `scaler.step(optimizer)` steps."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "step":
        return None
    if not call.args and not call.keywords and is_optimiser(script, call.func.value):
        return call.func.value
    scaled = len(call.args) == 1 and "scaler" in (last_name(call.func.value) or "").lower()
    return call.args[0] if scaled and is_optimiser(script, call.args[0]) else None


def enclosing_loop(script: Script, node: ast.AST) -> Loop | None:
    """The innermost loop around a node in its own function."""
    for up in script.above(node):
        if isinstance(up, LOOPS):
            return up
        if isinstance(up, (*FUNCTIONS, ast.Lambda)):
            return None
    return None


@lru_cache(maxsize=8)
def evaluations(script: Script) -> list[Evaluation]:
    """Every evaluation loop, in the order of the file."""
    found = []
    for loop in script.nodes(ast.For):
        call = _model_call(script, loop)
        inner = any(isinstance(node, LOOPS) and _model_call(script, node) for node in inside(loop))
        if call is not None and not inner and not _trains(script, loop) and _measures(loop, call):
            found.append(Evaluation(loop, call))
    return sorted(found, key=lambda evaluation: evaluation.loop.lineno)


def _model_call(script: Script, loop: Loop) -> ast.Call | None:
    """The first call of a model on what the loop yields."""
    if not isinstance(loop, ast.For):
        return None
    batch = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    for node in inside(loop):
        if isinstance(node, ast.Assign) and batch & _read(node.value):
            batch |= {
                name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)
            }
    for node in inside(loop):
        if not isinstance(node, ast.Call) or not node.args or not batch & _read(node.args[0]):
            continue
        if isinstance(node.func, ast.Name | ast.Attribute) and looks_like_model(script, node.func):
            return node
    return None


def _read(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _trains(script: Script, loop: ast.AST) -> bool:
    around = next((up for up in script.above(loop) if isinstance(up, FUNCTIONS)), loop)
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"backward", "step", "grad", "autograd", "zero_grad"}
        for node in [*reach(script, loop), *(inside(around) if around is not loop else ())]
    )


def _measures(loop: ast.For, call: ast.Call) -> bool:
    """True when the loop accumulates: a count or a loss, from what the model returned."""
    adds = any(isinstance(node, ast.AugAssign) for node in inside(loop))
    appends = bool(methods(loop, "append", "extend", "update"))
    judged = any(isinstance(node, ast.Compare) for node in inside(loop)) or bool(methods(loop, *METRICS))
    loss = any(word in name for name in _called_names(loop) for word in LOSSES)
    return (adds or appends) and (judged or loss)


def _called_names(loop: ast.AST) -> Iterator[str]:
    for node in inside(loop):
        if isinstance(node, ast.Call):
            yield (last_name(node.func) or "").lower()


def reach(script: Script, node: ast.AST, seen: set[ast.AST] | None = None) -> Iterator[ast.AST]:
    """The nodes inside a node and inside the functions of this file that it calls, methods by their names."""
    seen = seen if seen is not None else set()
    for inner in inside(node):
        yield inner
        if isinstance(inner, ast.Call):
            for function in called_functions(script, inner):
                if function not in seen:
                    seen.add(function)
                    yield from reach(script, function, seen)


def called_functions(script: Script, call: ast.Call) -> list[Function]:
    """The functions of this file that a call may run."""
    direct = flow(script).function(call)
    if direct is not None:
        return [direct]
    if isinstance(call.func, ast.Attribute):
        name = call.func.attr
        return [
            node
            for node in script.nodes(*FUNCTIONS)
            if node.name == name and isinstance(script.parents[node], ast.ClassDef)
        ]
    return []


def callers(script: Script, function: ast.AST) -> list[ast.Call]:
    """The calls in this file that may run a function, methods by their names."""
    return [call for call in script.nodes(ast.Call) if function in called_functions(script, call)]


def surroundings(script: Script, node: ast.AST) -> list[ast.AST] | None:
    """The function a node stands in and the functions that call that one, up to the module.

    None when one of them is called from nowhere in this file, so that its circumstances cannot be known.
    """
    found: list[ast.AST] = []
    waiting = [script.scope(node)]
    while waiting:
        scope = waiting.pop()
        if scope in found:
            continue
        found.append(scope)
        if isinstance(scope, ast.Module):
            continue
        calls = callers(script, scope)
        if not calls:
            return None
        waiting += [script.scope(call) for call in calls]
    return found


def gradless(node: ast.AST) -> bool:
    """True for `no_grad` and its like, and for a function decorated with one."""
    if isinstance(node, FUNCTIONS):
        return any(gradless(inner) for mark in node.decorator_list for inner in ast.walk(mark))
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in GRADLESS
