"""Odd input sizes break the network.

What. The network runs on the declared size and fails, in a sum or concatenation, on a size one larger.

Why. Halving rounds, doubling does not undo it: 33 becomes 16 and comes back as 32, and the skip still has
33. The first image of another size stops a deployed network (Ronneberger et al. 2015, section 2: choose
tile sizes so that all poolings see even sizes; later U-Nets resize or crop instead).

Guard. An info, and only for networks that upsample and merge.

Instead.

    y = F.interpolate(y, size=skip.shape[2:])
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network

GROWING = {
    "interpolate",
    "upsample",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "pixel_shuffle",
}
MERGING = {"cat", "add", "sub", "mul"}


def look(network: "Network") -> Iterator[Remark]:
    """The merge that fails when every size of the input is one larger."""
    names = {op.name for op in network.graph.ops}
    if network.graph.failure or len(network.input) < 2 or not names & GROWING or not names & MERGING:
        return
    odd = (network.input[0], *(size + 1 for size in network.input[1:]))
    failure = network.recorded(odd).failure
    if failure is None or failure.name not in MERGING:
        return
    shapes = " and ".join("x".join(map(str, tensor.shape[2:])) for tensor in failure.inputs)
    yield Remark(
        network.at(failure.where, failure.module),
        f"on {'x'.join(map(str, odd))} this {failure.name} gets maps of {shapes}.",
        module=failure.module,
        evidence={"input": list(odd), "shapes": [list(tensor.shape) for tensor in failure.inputs]},
        fix=Fix("interpolate(…, size=skip.shape[2:]) before merging"),
    )


RULE = Rule("info", "manual", network=look)
