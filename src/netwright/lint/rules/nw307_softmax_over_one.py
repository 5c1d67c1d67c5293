"""A softmax runs over a single value.

What. A softmax or log-softmax runs along a dimension of size 1, which it was given or which PyTorch chose.

Why. exp(x)/exp(x) is 1 whatever x is (and the log-softmax is 0). The output is constant and no gradient comes
back, so a binary classifier with one output and a softmax never learns.

Guard. Attention over a single position is not reported: its scores come from a product of two activations.

Instead. Use a sigmoid for a single output, or another `dim`.
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op

NAMES = {"softmax", "log_softmax"}
SCORES = {"matmul", "bmm", "einsum", "baddbmm", "mul", "div", "add", "masked_fill", "sub"}


def look(network: "Network") -> Iterator[Remark]:
    """Report every softmax along a dimension of size 1."""
    from netwright.lint.graphs import maker, softmax_dim

    for op in network.graph.ops:
        dim = softmax_dim(op) if op.name in NAMES else None
        if dim is None or not op.outputs[0].shape or op.outputs[0].shape[dim] != 1:
            continue
        before = maker(network, op.inputs[0])
        if op.caller or (before is not None and before.name in SCORES):
            continue
        built = op.module in network.graph.modules and network.graph.modules[op.module].class_name.endswith(
            "Softmax"
        )
        yield Remark(
            network.place(op, op.module if built else ""),
            f"a {op.name} over dimension {dim} of size 1 is the constant {1 if op.name == 'softmax' else 0}.",
            module=op.module,
            evidence={"shape": list(op.outputs[0].shape), "dim": dim},
            fix=_fix(network, op, built),
        )


def _fix(network: "Network", op: "Op", built: bool) -> Fix:
    from netwright.lint.rewrite import replaced, rewritten

    name = "sigmoid" if op.name == "softmax" else "logsigmoid"
    constructor = network.constructor(op.module) if built else None
    if constructor is not None:
        home = constructor[0].segment(constructor[1].func).rpartition(".")[0]
        text = f"{home}.{'Sigmoid' if name == 'sigmoid' else 'LogSigmoid'}()".lstrip(".")
        return rewritten(network, op.module, text, *network.siblings(op.module)) or Fix(text)
    script = network.script(op.where.file) if op.where else None
    for call in script.starting(op.where.line) if script and op.where else ():
        if isinstance(call, ast.Call) and script and script.called(call) == "torch.softmax" and call.args:
            text = f"{script.segment(call.func.value)}.sigmoid({script.segment(call.args[0])})"  # type: ignore[attr-defined]  # `torch.softmax` has a value
            return (
                replaced(network, script, call, text) if isinstance(call.func, ast.Attribute) else Fix(text)
            )
    return Fix(f"use a {name}, or another dim")


RULE = Rule("error", "unsafe", network=look)
