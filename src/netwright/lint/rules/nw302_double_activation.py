"""Of two activations in a row, one does nothing, or both saturate.

What. An activation is applied directly to the result of another one: the same function twice, a rectifier
after a function that is never negative, or one saturating function after another.

Why. A ReLU after a ReLU is the identity. The sigmoid of a sigmoid lies between 0.5 and 0.73, and its gradient
is at most 1/4 of 1/4 (Glorot & Bengio 2010: saturation slows down deep networks). One of the two was probably
meant for another place.

Guard. The second activation must directly follow the first, and no other operation may read the tensor
between them.

Instead. Keep one of the two, or insert the layer that is missing between them. The fix removes the second
activation if it repeats the first or rectifies a tensor that is never negative, and otherwise the first. A
layer is replaced by `nn.Identity()`, so that the names in a checkpoint stay.
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.lint.script import Script

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op

RECTIFIERS = {"relu"}
SATURATING = {"sigmoid", "tanh", "softmax", "log_softmax"}
SAME = (
    RECTIFIERS | SATURATING | {"gelu", "silu", "elu", "leaky_relu", "selu", "mish", "hardswish", "softplus"}
)
POSITIVE = RECTIFIERS | {"sigmoid", "softmax"}


def look(network: "Network") -> Iterator[Remark]:
    """Report every pair of activations of which one is too many."""
    pairs = [(before, op) for op in network.graph.ops if (before := _repeated(network, op))]
    gone = [_dropped(before, op) for before, op in pairs]
    for before, op in pairs:
        built = op.module in network.graph.modules and op.module not in ("", before.module)
        line = f" on line {before.where.line}" if before.where else ""
        yield Remark(
            network.place(op, op.module if built else ""),
            f"{op.name} directly follows {before.name}{line}.",
            module=op.module,
            evidence={"first": before.name, "second": op.name},
            fix=_fix(network, before, op, gone) or Fix(f"keep one of {before.name} and {op.name}"),
        )


def _repeated(network: "Network", op: "Op") -> "Op | None":
    """Return the activation to whose result `op` is applied, if one of the two is too many."""
    from netwright.lint.graphs import maker, only_user

    if op.name not in SAME or not op.inputs:
        return None
    before = maker(network, op.inputs[0])
    if before is None or not _double(before.name, op.name) or only_user(network, before.outputs[0]) is not op:
        return None
    if before.arguments.get("dim") != op.arguments.get("dim") and before.name == op.name:
        return None
    again = before.name == op.name == "relu" and before.module == op.module and before.call != op.call
    return None if again and not _nested(network, before, op) else before


def _nested(network: "Network", before: "Op", op: "Op") -> bool:
    """Return True when one expression applies a layer twice, as in `self.relu(self.relu(x))`."""
    inner = [_applied(script, node, op) for script, node in network.expressions(op.where)]
    return any(node in inner for _, node in network.expressions(before.where))


def _double(first: str, second: str) -> bool:
    if first == second:
        return first in SAME
    if second in RECTIFIERS and first in POSITIVE:
        return True
    return first in SATURATING and second in SATURATING


def _dropped(before: "Op", op: "Op") -> "Op":
    """Return the one that does nothing; of two that saturate, the first, so that the range stays."""
    return op if op.name == before.name or op.name in RECTIFIERS else before


def _fix(network: "Network", before: "Op", after: "Op", gone: list["Op"]) -> Fix | None:
    """Return the fix that removes an activation: its layer if it is called only here, else its call."""
    from netwright.lint.rewrite import namespace, replaced, rewritten

    op = _dropped(before, after)
    paths = [other.module for other in gone]
    layer = network.graph.modules.get(op.module)
    constructor = network.constructor(op.module) if layer and layer.calls == 1 else None
    home = namespace(constructor)
    if home:
        return rewritten(network, op.module, f"{home}.Identity()", *paths)
    same = [other for other in network.graph.ops if (other.where, other.name) == (op.where, op.name)]
    chained = op is after and (before.where, before.name) == (op.where, op.name)
    if not all(other in gone or (chained and other is before) for other in same):
        return None
    for script, node in network.expressions(op.where):
        inner = _applied(script, node, op)
        if inner is not None and (not chained or _applied(script, inner, before) is not None):
            text = script.operand(inner)
            return replaced(network, script, node, text)
    return None


def _applied(script: Script, node: ast.expr, op: "Op") -> ast.expr | None:
    """Return the expression to which a call in the source applies an activation."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name), args=[inner]):
            return inner if name == op.module.rpartition(".")[2] else None
        case ast.Call(args=[inner, *_]) if script.called(node).startswith("torch."):
            return inner if script.called(node).rpartition(".")[2].strip("_") == op.name else None
        case ast.Call(func=ast.Attribute(attr=name, value=inner)) if not script.called(node):
            return inner if name.strip("_") == op.name else None
    return None


RULE = Rule("warning", "unsafe", network=look)
