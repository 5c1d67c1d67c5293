"""The gradient is cut between the loss and the parameters.

What. In a script, `backward()` is called on a tensor that was made anew from numbers: `torch.tensor(loss)`,
`loss.data` or `loss.detach()`, usually with `requires_grad=True` to silence PyTorch's error. In a network,
`.data` or `.detach()` stands on the only path from the weights of a layer to the output.

Why. The new tensor has no history. `backward()` runs, but no parameter gets a gradient, the optimizer changes
nothing, and the loss stays where it was. A layer of a network that is cut off in this way never learns.

Guard. A script is reported only if every value that the name can have is cut, and a network only for
convolutions and linear layers that are cut in training mode too. It is usual to detach one of several terms
(targets, momentum encoders, the input of a discriminator).

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
    """Report every backward pass that starts from a tensor without history."""
    for call in script.nodes(ast.Call):
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "backward":
            continue
        latest = flow(script).value(call.func.value)
        origins = [latest] if latest is not None else flow(script).origins(call.func.value) or []
        cuts = [cut for origin in origins if (cut := _cut(script, origin)) is not None]
        if cuts and len(cuts) == len(origins):
            yield Remark(
                script.at(cuts[0]),
                f"`backward()` on line {call.lineno} starts from a tensor without history: nothing learns.",
                evidence={"backward": call.lineno},
                fix=Fix("call `backward()` on the loss itself"),
            )


def _cut(script: Script, node: ast.AST) -> ast.expr | None:
    """Return the expression that drops the history, if `node` is such an expression."""
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
    """Return True for a value that was computed, and not for a literal."""
    origins = flow(script).origins(node)
    return origins is not None and all(
        isinstance(origin, ast.Call | ast.BinOp | ast.Attribute) for origin in origins
    )


def recorded(network: "Network") -> Iterator[Remark]:
    """Report the cut of a network that separates weights from all outputs."""
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
        fix=Fix("remove it, or freeze the layers before it with requires_grad_(False)"),
    )


def _weights(graph: "Graph", cuts: set[str]) -> list[str]:
    """Return the trainable weights from which an output is reached without one of the cuts."""
    from netwright.lint.graphs import weight

    keys = {tensor.key for tensor in graph.outputs}
    weights: list[str] = []
    for op in reversed(graph.ops):
        if op.name in cuts or not keys & {tensor.key for tensor in op.outputs}:
            continue
        keys |= {tensor.key for tensor in op.inputs}
        held = weight(op) if op.name in WEIGHTED else None
        parameter = graph.parameters.get(held.parameter or "") if held is not None else None
        if parameter is not None and parameter.trainable:
            weights.append(parameter.name)
    return weights


RULE = Rule("error", "manual", script=look, network=recorded)
