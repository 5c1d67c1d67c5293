"""More than twenty layers with weights follow each other without a skip connection.

What. On the way from input to output, more than 20 convolutions and linear layers follow each other without a
sum or concatenation of branches. Depthwise convolutions are not counted, because they form one layer together
with their pointwise convolution.

Why. Plain networks get worse with depth, in training error too. On CIFAR-10 a plain network of 56 layers is
worse than one of 20, while with shortcuts 56 and 110 layers are better (He et al. 2015, Fig. 6 and Table 6; a
reproduction: plain-20 9.9, plain-56 14.7 % test error, ResNet-56 7.0 %).

Guard. Networks of up to 20 layers (VGG-19, AlexNet) are not reported, and any branch that merges ends the
chain.

Instead. Make the network residual: `x + block(x)`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import MERGING, PRODUCTS, RECURRENT, WEIGHTED, WRITES

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op

LONGEST = 20
JOINING = MERGING | WRITES | PRODUCTS | RECURRENT
"""Attention and recurrent layers are among them: a gradient has more than one way through them."""


def look(network: "Network") -> Iterator[Remark]:
    """Report the longest chain of layers with weights, if it is too long."""
    from netwright.lint.graphs import holder

    row = _longest(network)
    if len(row) > LONGEST:
        path = holder(network, row[LONGEST])
        yield Remark(
            network.place(row[LONGEST], path),
            f"{len(row)} layers follow each other without a skip connection; {path} is the {LONGEST + 1}st. "
            "Plain networks get worse from about here on.",
            module=path,
            evidence={"layers": len(row)},
            fix=Fix("make blocks residual: x + block(x)"),
        )


def _longest(network: "Network") -> list["Op"]:
    """Return the longest chain of weighted ops that no merge interrupts."""
    from netwright.lint.graphs import depthwise

    rows: dict[int, list[Op]] = {}
    best: list[Op] = []
    for op in network.graph.ops:
        if _merges(op):
            continue
        row = max((rows.get(tensor.key, []) for tensor in op.inputs), key=len, default=[])
        if op.name in WEIGHTED and not (op.name != "linear" and depthwise(op)):
            row = [*row, op]
            best = max(best, row, key=len)
        rows |= {tensor.key: row for tensor in op.outputs}
    return best


def _merges(op: "Op") -> bool:
    """Return True when an op joins two computed tensors; a product with a parameter joins nothing."""
    computed = [tensor for tensor in op.inputs if tensor.producer is not None]
    return op.name in JOINING and len(computed) > 1


RULE = Rule("warning", "manual", network=look)
