"""The gradient is cut between the loss and the parameters.

What. What `backward()` is called on was made anew from numbers: `torch.tensor(loss)`, `loss.data`,
`loss.detach()`, usually with `requires_grad=True` to silence PyTorch's error.

Why. The new tensor has no history: `backward()` runs, no parameter gets a gradient, the optimiser steps on
nothing and the loss stays where it was.

In a network: `.data` or `.detach()` stands on the only path from a layer's weights to the output, so that the
layer never learns.

Guard. Only where every value the name can have is cut, and in a network only for convolutions and linear
layers that are cut in training too. Detaching one of several terms (targets, momentum encoders, a
discriminator's input) is usual.

Instead. Call `backward()` on the loss itself.
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import flow
from netwright.lint.rule import Rule
from netwright.lint.script import Script
from netwright.trace.families import WEIGHTED

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Graph

CUTS = {"detach", "data"}
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


def recorded(network: "Network") -> Iterator[Remark]:
    """Every cut of a network that keeps weights from all outputs."""
    if network.graph.failure or not any(op.name in CUTS for op in network.graph.ops):
        return
    training = network.recorded(training=True)
    whole, cut = _weights(training, set()), _weights(training, CUTS)
    lost = [name for name in whole if name not in cut]
    ops = [op for op in training.ops if op.name in CUTS and op.where]
    if not lost or training.failure or not ops:
        return
    yield Remark(
        network.place(ops[0]),
        f"`{ops[0].name}` cuts {', '.join(lost[:3])}{' and others' if len(lost) > 3 else ''} off the output: "
        "they get no gradient.",
        module=ops[0].module,
        evidence={"parameters": lost},
        fix=Fix("leave the cut out, or freeze the layers behind it with requires_grad_(False)"),
    )


def _weights(graph: "Graph", cuts: set[str]) -> list[str]:
    """The trainable weights of weighted ops from which an output is reached without a cut."""
    from netwright.lint.graphs import weight

    keys = {tensor.key for tensor in graph.outputs}
    found: list[str] = []
    for op in reversed(graph.ops):
        if op.name in cuts or not keys & {tensor.key for tensor in op.outputs}:
            continue
        keys |= {tensor.key for tensor in op.inputs}
        held = weight(op) if op.name in WEIGHTED else None
        parameter = graph.parameters.get(held.parameter or "") if held is not None else None
        if parameter is not None and parameter.trainable:
            found.append(parameter.name)
    return found


RULE = Rule("error", "manual", script=look, network=recorded)
