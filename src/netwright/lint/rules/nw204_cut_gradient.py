"""The gradient is cut between the loss and the parameters.

What. What `backward()` is called on was made anew from numbers: `torch.tensor(loss)`, `loss.data`,
`loss.detach()`, usually with `requires_grad=True` to silence PyTorch's error.

Why. The new tensor has no history: `backward()` runs, no parameter gets a gradient, the optimiser steps on
nothing and the loss stays where it was.

Guard. Only where every value the name can have is cut. Detaching one of several terms (targets, momentum
encoders, a discriminator's input) is usual.

Instead. Call `backward()` on the loss itself.
"""

import ast
from collections.abc import Iterator

from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import flow
from netwright.lint.rule import Rule
from netwright.lint.script import Script

MAKERS = {"torch.tensor", "torch.FloatTensor", "torch.Tensor", "torch.autograd.Variable"}
KEEPING = {"requires_grad_", "to", "cuda", "float"}


def look(script: Script) -> Iterator[Remark]:
    """Every backward pass from a tensor without history."""
    for call in script.nodes(ast.Call):
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "backward":
            continue
        latest = flow(script).value(call.func.value)
        origins = [latest] if latest is not None else flow(script).origins(call.func.value) or []
        cuts = [cut for origin in origins if (cut := _cut(script, origin)) is not None]
        if cuts and len(cuts) == len(origins):
            yield Remark(
                script.at(cuts[0]),
                f"`backward()` of line {call.lineno} starts from a tensor without history: nothing learns.",
                evidence={"backward": call.lineno},
                fix=Fix("call `backward()` on the loss itself"),
            )


def _cut(script: Script, node: ast.AST) -> ast.expr | None:
    """The expression that drops the history, when `node` is nothing but that."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in KEEPING:
        node = flow(script).value(node.func.value) or node.func.value
    match node:
        case ast.Attribute(attr="data", value=inner) if _computed(script, inner):
            return node
        case ast.Call(func=ast.Attribute(attr="detach", value=inner)) if _computed(script, inner):
            return node
        case ast.Call(args=[inner, *_]) if script.called(node) in MAKERS and _computed(script, inner):
            return node if script.called(node) != "torch.autograd.Variable" or _cut(script, inner) else None
    return None


def _computed(script: Script, node: ast.AST) -> bool:
    """True for what a call computed, not for a literal."""
    origins = flow(script).origins(node)
    return origins is not None and all(
        isinstance(origin, ast.Call | ast.BinOp | ast.Attribute) for origin in origins
    )


RULE = Rule("error", "manual", script=look)
