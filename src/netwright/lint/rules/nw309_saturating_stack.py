"""Sigmoid or tanh is the activation between the hidden layers of a deep network.

What. Five or more sigmoids or tanhs in a row stand between hidden layers, with no normalisation before them
and no skip connection around them.

Why. The slope of a sigmoid is at most 1/4 and that of tanh at most 1, and both approach 0 where the function
saturates, so the gradient shrinks at each of them (Glorot & Bengio 2010: sigmoids drive the top hidden layer
into saturation). Inception with sigmoids stayed at 1 in 1000, which is chance, and reached 69.8 % only with
batch normalisation before them (Ioffe & Szegedy 2015, section 4.2.2). A four-layer network reached 25 %
training error on CIFAR-10 six times faster with ReLU than with tanh (Krizhevsky et al. 2012, Fig. 1).

Guard. The finding is an info. LeNet-5 has four and trains, so four are not reported. A normalisation before
an activation keeps it in its steep range, a sum or concatenation leads the gradient around it, and a gate (a
sigmoid whose result multiplies another tensor) is not a hidden activation. Networks of at most four
coordinates are not judged, because solving a differential equation needs smooth derivatives.

Instead. Use a rectifier, together with He's initialisation.

    nn.Sequential(nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU())
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import NORMS, RECURRENT, WEIGHTED

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.lint.script import Script
    from netwright.trace.graph import Op

SATURATING = {"sigmoid", "tanh"}
FEWEST = 5
COORDINATES = 4
ENDING = NORMS | RECURRENT | {"softmax", "scaled_dot_product_attention", "embedding"}
ADVICE = Fix("use nn.ReLU(), with nn.init.kaiming_normal_")


def look(network: "Network") -> Iterator[Remark]:
    """Report every activation of the longest chain of saturating ones."""
    row = _longest(network)
    if len(row) < FEWEST or (len(network.input) == 1 and network.input[0] <= COORDINATES):
        return
    flagged = {op.index for op in row}
    for op in row:
        layer = network.graph.modules.get(op.module)
        built = layer is not None and layer.class_name.lower() == op.name
        yield Remark(
            network.place(op, op.module if built else ""),
            f"{op.name} follows hidden layers, {len(row)} times in a row without a norm or a skip.",
            module=op.module,
            evidence={"activations": len(row), "steepest": 0.25 if op.name == "sigmoid" else 1.0},
            fix=_fix(network, op, flagged, built=built) or ADVICE,
        )


def _longest(network: "Network") -> list["Op"]:
    """Return the longest chain of saturating activations, each between layers with weights."""
    rows: dict[int, list[Op]] = {}
    best: list[Op] = []
    for op in network.graph.ops:
        computed = [tensor for tensor in op.inputs if tensor.producer is not None]
        if op.name in ENDING or len(computed) != 1:
            continue
        row = rows.get(computed[0].key, [])
        if op.name in WEIGHTED:
            best = max(best, row, key=len)
        elif op.name in SATURATING and _hidden(network, op):
            row = [*row, op]
        rows |= {tensor.key: row for tensor in op.outputs}
    return best


def _hidden(network: "Network", op: "Op") -> bool:
    """Return True for an activation of the result of a layer with weights, without a norm between."""
    from netwright.lint.graphs import maker

    before = maker(network, op.inputs[0])
    while before is not None and before.name not in WEIGHTED and before.inputs and "pool" in before.name:
        before = maker(network, before.inputs[0])
    return before is not None and before.name in WEIGHTED


def _fix(network: "Network", op: "Op", flagged: set[int], *, built: bool) -> Fix | None:
    """Return the fix that replaces it by a rectifier, if the same text makes no other activation."""
    from netwright.lint.rewrite import namespace, renamed, replaced, rewritten

    ops = network.graph.ops
    if built:
        constructor = network.constructor(op.module)
        paths = network.siblings(op.module)
        made = {other.index for other in ops if other.module in paths and other.name == op.name}
        if constructor is None or not namespace(constructor) or not made <= flagged:
            return None
        return rewritten(network, op.module, renamed(constructor[0].segment(constructor[1]), "ReLU"), *paths)
    same = {other.index for other in ops if (other.where, other.name) == (op.where, op.name)}
    for script, node in network.expressions(op.where) if same <= flagged else ():
        if isinstance(node, ast.Call) and (name := _function(script, node, op)):
            text = renamed(script.segment(node), name)
            return replaced(network, script, node, text)
    return None


def _function(script: "Script", call: ast.Call, op: "Op") -> str:
    """Return the name of the rectifier if a call is the activation, and an empty text for another call."""
    home, written = script.called(call), call.func.attr if isinstance(call.func, ast.Attribute) else ""
    fits = written.strip("_") == op.name and (not home or home.startswith("torch."))
    return ("relu_" if written.endswith("_") else "relu") if fits else ""


RULE = Rule("info", "unsafe", network=look)
