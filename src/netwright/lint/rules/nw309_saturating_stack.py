"""Sigmoid or tanh between the hidden layers of a deep network.

What. Five or more sigmoids or tanhs stand between hidden layers in a row, with no normalisation before them
and no skip around them.

Why. The slope of a sigmoid is at most 1/4, that of tanh at most 1, and both go to 0 where they saturate, so
the gradient shrinks at each (Glorot & Bengio 2010: sigmoids drive the top hidden layer into saturation).
Inception with sigmoids never got beyond 1 in 1000, which is chance, and reached 69.8 % only with batch
normalisation before them (Ioffe & Szegedy 2015, section 4.2.2). A four-layer network with ReLU reached 25 %
training error on CIFAR-10 six times faster than the same with tanh (Krizhevsky et al. 2012, Fig. 1).

Guard. An info. LeNet-5 has four and trains, so four are silent. A normalisation before an activation keeps it
off its flat ends, a sum or concatenation leads the gradient around it, and gates (a sigmoid whose result
multiplies) are no hidden activations. Networks of at most four coordinates are left alone: solving a
differential equation needs smooth derivatives.

Instead. A rectifier, and with it He's initialisation.

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
ADVICE = Fix("nn.ReLU(), with nn.init.kaiming_normal_")


def look(network: "Network") -> Iterator[Remark]:
    """Every saturating activation of the longest row."""
    row = _longest(network)
    if len(row) < FEWEST or (len(network.input) == 1 and network.input[0] <= COORDINATES):
        return
    flagged = {op.index for op in row}
    for op in row:
        layer = network.graph.modules.get(op.module)
        built = layer is not None and layer.class_name.lower() == op.name
        yield Remark(
            network.place(op, op.module if built else ""),
            f"{op.name} between hidden layers, one of {len(row)} in a row without a norm or a skip.",
            module=op.module,
            evidence={"activations": len(row), "steepest": 0.25 if op.name == "sigmoid" else 1.0},
            fix=_fix(network, op, flagged, built=built) or ADVICE,
        )


def _longest(network: "Network") -> list["Op"]:
    """The longest row of saturating activations, each between layers with weights."""
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
    """True for an activation of what a layer made, with no norm between."""
    from netwright.lint.graphs import maker

    before = maker(network, op.inputs[0])
    while before is not None and before.name not in WEIGHTED and before.inputs and "pool" in before.name:
        before = maker(network, before.inputs[0])
    return before is not None and before.name in WEIGHTED


def _fix(network: "Network", op: "Op", flagged: set[int], *, built: bool) -> Fix | None:
    """A rectifier in its place, where the same text makes no other activation."""
    from netwright.lint.rewrite import namespace, renamed, replaced, rewritten

    ops = network.graph.ops
    if built:
        found = network.constructor(op.module)
        paths = network.siblings(op.module)
        made = {other.index for other in ops if other.module in paths and other.name == op.name}
        if found is None or not namespace(found) or not made <= flagged:
            return None
        return rewritten(network, op.module, renamed(found[0].segment(found[1]), "ReLU"), *paths)
    same = {other.index for other in ops if (other.where, other.name) == (op.where, op.name)}
    for script, node in network.expressions(op.where) if same <= flagged else ():
        if isinstance(node, ast.Call) and (name := _function(script, node, op)):
            text = renamed(script.segment(node), name)
            return replaced(network, script, node, text)
    return None


def _function(script: "Script", call: ast.Call, op: "Op") -> str:
    """What the rectifier is called where a function or method is the activation; empty for another call."""
    home, written = script.called(call), call.func.attr if isinstance(call.func, ast.Attribute) else ""
    fits = written.strip("_") == op.name and (not home or home.startswith("torch."))
    return ("relu_" if written.endswith("_") else "relu") if fits else ""


RULE = Rule("info", "unsafe", network=look)
