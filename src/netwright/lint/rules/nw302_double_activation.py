"""Two activations in a row of which one does nothing, or both flatten.

What. An activation is applied directly to the result of another: the same one twice, a rectifier after
something that is never negative, or one saturating function after another.

Why. ReLU after ReLU is the identity; the sigmoid of a sigmoid lies between 0.5 and 0.73, and its gradient
is at most 1/4 of 1/4 (Glorot & Bengio 2010: saturation slows deep networks down). One of the two was meant
to stand elsewhere.

Guard. Only directly after one another, when nothing else reads what lies between.

Instead. Keep one of the two, or put the layer between them that is missing.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network

RECTIFIERS = {"relu"}
SATURATING = {"sigmoid", "tanh", "softmax", "log_softmax"}
SAME = (
    RECTIFIERS | SATURATING | {"gelu", "silu", "elu", "leaky_relu", "selu", "mish", "hardswish", "softplus"}
)
POSITIVE = RECTIFIERS | {"sigmoid", "softmax"}


def look(network: "Network") -> Iterator[Remark]:
    """Every pair of activations in a row."""
    from netwright.lint.graphs import maker, only_user

    for op in network.graph.ops:
        if op.name not in SAME or not op.inputs:
            continue
        before = maker(network, op.inputs[0])
        if before is None or not _double(before.name, op.name):
            continue
        if before.name == op.name == "relu" and before.module == op.module and before.call != op.call:
            continue
        if only_user(network, before.outputs[0]) is not op:
            continue
        built = op.module in network.graph.modules and op.module not in ("", before.module)
        yield Remark(
            network.built(op.module) if built else network.at(op.where, op.module),
            f"{op.name} directly after {before.name}{_line(before.where)}.",
            module=op.module,
            evidence={"first": before.name, "second": op.name},
            fix=Fix(f"keep one of {before.name} and {op.name}"),
        )


def _double(first: str, second: str) -> bool:
    if first == second:
        return first in SAME
    if second in RECTIFIERS and first in POSITIVE:
        return True
    return first in SATURATING and second in SATURATING


def _line(where: object) -> str:
    return f" of line {where.line}" if where is not None and hasattr(where, "line") else ""


RULE = Rule("warning", "manual", network=look)
