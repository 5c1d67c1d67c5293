"""A strided convolution uses more padding on one side than on the other.

What. A strided convolution reads more padding at the near edge of its input than at the far edge.

Why. With kernel 3, stride 2 and padding 1 over an even map, the first window stands on padding and the last
one does not. The map shifts by half a position at every such layer, and detectors miss small objects near one
edge (Alsallakh et al. 2021, "Mind the Pad - CNNs Can Develop Blind Spots", ICLR).

Guard. The rule is off by default, because nearly every network with even inputs does this. Select it by its
code.

Instead. Use sizes of the form 2^d·(h - 1) + 1, such as 225 in place of 224, or anti-aliased pooling.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.arithmetic.shape import show
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import CONVOLUTIONS

if TYPE_CHECKING:
    from netwright.lint.network import Network


def look(network: "Network") -> Iterator[Remark]:
    """Report every strided convolution that uses different amounts of padding at its two edges."""
    from netwright.arithmetic.coverage import overhang
    from netwright.lint.graphs import axes, holder

    for op in network.graph.ops:
        if op.name not in CONVOLUTIONS or max(op.arguments["stride"]) < 2:
            continue
        sides = [overhang(*axis) for axis in axes(op)]
        if any(before != after for before, after in sides):
            path = holder(network, op)
            yield Remark(
                network.place(op, path),
                f"{network.title(path)} uses {sides[0][0]} padded positions before "
                f"and {sides[0][1]} after its input of {show(op.inputs[0].shape[2:])}.",
                module=path,
                evidence={"padding used": [list(side) for side in sides]},
                fix=Fix("choose an input size with which both edges use the same padding"),
            )


RULE = Rule("off", "manual", network=look)
