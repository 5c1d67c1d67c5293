"""Padding that is used on one side more than on the other.

What. A strided convolution reads more padding at the near edge than at the far one.

Why. With kernel 3, stride 2 and padding 1 over an even map the first window stands on padding and the last
does not: the map shifts by half a position at every such layer, and detectors miss small objects near one
edge (Alsallakh et al. 2021, "Mind the Pad - CNNs Can Develop Blind Spots", ICLR).

Guard. Off by default, because nearly every network with even inputs does this; select it by its code.

Instead. Sizes of the form 2^d·(h - 1) + 1, as 225 for 224, or anti-aliased pooling.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import CONVOLUTIONS

if TYPE_CHECKING:
    from netwright.lint.network import Network


def look(network: "Network") -> Iterator[Remark]:
    """Every strided convolution whose padding is used unevenly."""
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
                f"{network.title(path)} stands on {sides[0][0]} padded positions before "
                f"and {sides[0][1]} after its input of {'x'.join(str(n) for n in op.inputs[0].shape[2:])}.",
                module=path,
                evidence={"padding used": [list(side) for side in sides]},
                fix=Fix("an input size with which both edges are padded alike"),
            )


RULE = Rule("off", "manual", network=look)
