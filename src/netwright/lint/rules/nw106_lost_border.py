"""A strided layer drops the rows and columns after its last window.

What. The windows of a convolution or pooling do not reach the far edge of the input: (L + 2p - d(k-1) - 1)
mod s is larger than the padding there.

Why. Rows and columns at the right and bottom edge are computed and never read. They are always on the same
side, so the map also shifts (Dumoulin & Visin 2016, section 2.4: because of the floor in the formula, several
input sizes give the same output size).

Guard. The rule reports only positions that no other operation reads. The 1x1 shortcut of a residual block
steps over the last row, for example, but the branch beside it reads that row. Positions that a layer before
has added as padding do not count either. The finding is an info, because published networks (AlexNet,
SqueezeNet) lose a border.

Instead. Choose an input size, a padding or `ceil_mode` with which the last window ends at the edge.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from netwright.arithmetic.shape import show
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import CONVOLUTIONS, POOLS

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op, TensorInfo


def look(network: "Network") -> Iterator[Remark]:
    """Report every strided layer whose last window ends before its input, if nothing else reads the rest."""
    from netwright.lint.graphs import holder

    windows = CONVOLUTIONS | POOLS
    for op in network.graph.ops:
        lost = _dropped(network, op, windows) if op.name in windows else []
        if any(lost):
            path = holder(network, op)
            size = show(op.inputs[0].shape[-len(lost) :])
            dropped = " and ".join(str(length) for length in lost)
            yield Remark(
                network.place(op, path),
                f"{network.title(path)} drops {dropped} positions at the far edges of its {size} input.",
                module=path,
                evidence={"lost": lost},
                fix=Fix("choose an input size or padding with which the last window ends at the edge"),
            )


def _dropped(network: "Network", op: "Op", windows: frozenset[str]) -> list[int]:
    """Return the number of positions along every axis that no op reads; it is empty if there are none."""
    from netwright.lint.graphs import read_before

    lost, tensor = _lost(op), op.inputs[0]
    users = network.consumers[tensor.key]
    if not any(lost) or any(user.name not in windows for user in users) or read_before(network, tensor):
        return []
    left = [min(each) for each in zip(*(_lost(user) for user in users), strict=True)]
    return [
        max(0, each - added) for each, added in zip(left, _padded(network, tensor, len(left)), strict=True)
    ]


def _padded(network: "Network", tensor: "TensorInfo", dims: int) -> list[int]:
    """Return the number of positions at the far end of each axis that a `pad` before has added."""
    op = network.producer(tensor)
    if op is None or op.name != "pad":
        return [0] * dims
    far = [*op.arguments["pad"][1::2], *[0] * dims][:dims]
    return [max(0, added) for added in reversed(far)]


def _lost(op: "Op") -> list[int]:
    """Return the number of positions that one op drops along every axis."""
    from netwright.arithmetic.coverage import lost_border
    from netwright.lint.graphs import axes

    if op.name in CONVOLUTIONS:
        return [lost_border(*axis) for axis in axes(op)]
    names = ("kernel_size", "stride", "padding")
    settings: list[Any] = list(zip(*(op.arguments[name] for name in names), strict=True))
    dilations = op.arguments.get("dilation") or (1,) * len(settings)
    ceil = bool(op.arguments.get("ceil_mode"))
    sizes = op.inputs[0].shape[-len(settings) :]
    return [
        lost_border(size, kernel, stride, padding, dilation, ceil_mode=ceil)
        for size, (kernel, stride, padding), dilation in zip(sizes, settings, dilations, strict=True)
    ]


RULE = Rule("info", "manual", network=look)
