"""Data behind the last window of a strided layer are dropped.

What. The steps of a convolution or pooling do not reach the far edge of its input: (L + 2p - d(k-1) - 1)
mod s exceeds the padding there.

Why. Rows and columns at the right and bottom edge are computed and read by nothing, always on the same
side, so the map also shifts (Dumoulin & Visin 2016, section 2.4: input sizes that the floor in the formula
makes alike).

Guard. Only what no other operation reads: the 1x1 shortcut of a residual block steps over the last row, and
the branch beside it reads that. Nor what a layer before has added as padding. An info: published networks
(AlexNet, SqueezeNet) lose a border.

Instead. An input size, padding or `ceil_mode` with which the last window ends at the edge.
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
    """Every strided window that ends before its input does, where nothing else reads what is left."""
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
                fix=Fix("an input size or padding with which the last window ends at the edge"),
            )


def _dropped(network: "Network", op: "Op", windows: frozenset[str]) -> list[int]:
    """Positions along every axis that no window over the same map reaches; empty where others read them."""
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
    """How many positions at the far end of each axis an operation before has only added as padding."""
    op = network.producer(tensor)
    if op is None or op.name != "pad":
        return [0] * dims
    far = [*op.arguments["pad"][1::2], *[0] * dims][:dims]
    return [max(0, added) for added in reversed(far)]


def _lost(op: "Op") -> list[int]:
    """Positions dropped along every axis."""
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
