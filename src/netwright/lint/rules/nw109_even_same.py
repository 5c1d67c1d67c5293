"""An even kernel at stride 1 shifts its map against the one it meets.

What. A convolution or pooling with an even kernel (dilation counted in) and stride 1 stands on one of two
branches that meet in a sum or concatenation: their maps differ by one position in size, or are of one size
and look at places half a position or more apart.

Why. An even window has no middle. With p on both sides the map is one longer or shorter than it was; with
`padding="same"`, or cropped to fit, every layer shifts it by half a position, always to the same side. Wu
et al. 2019 ("Convolution with even-sized kernels and symmetric padding", NeurIPS) name this shift as what
keeps 2x2 and 4x4 kernels behind 3x3, and take it away by padding groups of channels on different sides.

Guard. An info. The shift is read off the exact receptive fields, so two even kernels that shift to opposite
sides cancel, and where a field has no one middle nothing is said. Windows that only look back, or back and
up, are causal and meant so (WaveNet, PixelCNN). Strided even kernels (4, stride 2, padding 1) are even on
both sides.

Instead.

    nn.Conv2d(64, 64, 3, padding=1)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.arithmetic.shape import show
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import CONVOLUTIONS, MERGING, POOLS

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.receptive.sets.extent import Extent
    from netwright.trace.graph import Graph, Line, Op, TensorInfo

Merge = tuple[str, "Line | None", "list[TensorInfo]"]
"""How far its maps are off, its line, and the maps."""

HALF = 0.5


def look(network: "Network") -> Iterator[Remark]:
    """Every even window that puts its map beside the one it meets."""
    graph = network.graph
    even = {op.index for op in graph.ops if any(_even(op))}
    told = set[int]()
    for off, where, maps in (_resized(graph) if graph.failure else _shifted(graph)) if even else ():
        first, second = (_behind(network, tensor) for tensor in maps)
        for index in sorted((first ^ second) & even - told):
            told.add(index)
            yield _remark(network, graph.ops[index], off, where)


def _remark(network: "Network", op: "Op", off: str, where: "Line | None") -> Remark:
    from netwright.lint.graphs import holder

    path = holder(network, op)
    line = f" of line {where.line}" if where else ""
    return Remark(
        network.place(op, path),
        f"{path or op.name} has an even kernel at stride 1: its map is {off} the one "
        f"it meets in the merge{line}.",
        module=path,
        evidence={"kernel": list(_kernel(op)), "off": off},
        fix=Fix("an odd kernel with padding (kernel - 1) / 2"),
    )


def _resized(graph: "Graph") -> Iterator[Merge]:
    """The merge that failed, when its maps differ by one position."""
    failure = graph.failure
    maps = [tensor for tensor in failure.inputs if len(tensor.shape) > 2] if failure else []
    if failure is None or failure.name not in MERGING or len(maps) != 2:
        return
    sizes = [tensor.shape[2:] for tensor in maps]
    if len(sizes[0]) == len(sizes[1]) and {abs(a - b) for a, b in zip(*sizes, strict=True)} in ({1}, {0, 1}):
        shown = [show(size) for size in sizes]
        yield f"of another size ({shown[0]} and {shown[1]}) than", failure.where, maps


def _shifted(graph: "Graph") -> Iterator[Merge]:
    """Every merge of maps whose fields have their middles half a position apart or more."""
    from netwright.receptive.fields import fields

    known = fields(graph)
    for op in graph.ops:
        maps = [tensor for tensor in op.inputs if len(tensor.shape) > 2 and tensor.key in known]
        for other in maps[1:] if op.name in MERGING else ():
            pairs = zip(known[maps[0].key].inputs, known[other.key].inputs, strict=True)
            drifts = [_drift(*pair) for a, b in pairs for pair in zip(a.extents, b.extents, strict=True)]
            if drifts and max(drifts) >= HALF:
                yield f"{max(drifts):g} positions off", op.where, [maps[0], other]


def _drift(first: "Extent", second: "Extent") -> float:
    """How far the middles of two fields are apart, in positions; 0 where unknown or where both end alike."""
    a, b = first.centre, second.centre
    if a is None or b is None or not first.stride or first.stride != second.stride:
        return 0.0
    ends = [centre + (extent.size or 0) / 2 for centre, extent in ((a, first), (b, second))]
    return 0.0 if ends[0] == ends[1] else abs(a - b) / float(first.stride)


def _behind(network: "Network", tensor: "TensorInfo") -> set[int]:
    """The ops a tensor was made by."""
    found, waiting = set[int](), [tensor]
    while waiting:
        op = network.producer(waiting.pop())
        if op is not None and op.index not in found:
            found.add(op.index)
            waiting += op.inputs
    return found


def _even(op: "Op") -> list[bool]:
    """For every axis, whether the window is even, at stride 1; none for ops without one."""
    kernels = _kernel(op)
    steps = zip(kernels, op.arguments["stride"], op.arguments["dilation"], strict=True) if kernels else ()
    return [stride == 1 and dilation * (kernel - 1) % 2 == 1 for kernel, stride, dilation in steps]


def _kernel(op: "Op") -> tuple[int, ...]:
    """The window of a convolution or pooling along every axis."""
    if op.name in CONVOLUTIONS:
        return op.arguments["weight"].shape[2:]
    return op.arguments["kernel_size"] if op.name in POOLS else ()


RULE = Rule("info", "manual", network=look)
