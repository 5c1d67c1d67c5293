"""A convolution with an even kernel at stride 1 shifts its map against the map that it is merged with.

What. A convolution or pooling with an even kernel (dilation included) and stride 1 stands on one of two
branches that meet in a sum or concatenation. The maps of the branches differ by one position in size, or they
have the same size and their receptive fields are centred half a position or more apart.

Why. An even window has no middle. With the same padding on both sides, the map becomes one position longer or
shorter. With `padding="same"`, or when the map is cropped to fit, every layer shifts it by half a position,
always to the same side. Wu et al. 2019 ("Convolution with even-sized kernels and symmetric padding", NeurIPS)
name this shift as the reason why 2x2 and 4x4 kernels are worse than 3x3, and remove it by padding groups of
channels on different sides.

Guard. The finding is an info. The shift is taken from the exact receptive fields, so two even kernels that
shift to opposite sides cancel, and a field without a single middle is not judged. Windows that look only
back, or only back and up, are causal on purpose (WaveNet, PixelCNN). Strided even kernels (4, stride 2,
padding 1) are symmetric.

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
"""How far the two maps of a merge are apart, its line, and the maps."""

HALF = 0.5


def look(network: "Network") -> Iterator[Remark]:
    """Report every even window that shifts its map against the map it is merged with."""
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
    line = f" on line {where.line}" if where else ""
    return Remark(
        network.place(op, path),
        f"{path or op.name} has an even kernel at stride 1: its map is {off} the map "
        f"that it is merged with{line}.",
        module=path,
        evidence={"kernel": list(_kernel(op)), "off": off},
        fix=Fix("use an odd kernel with a padding of (kernel - 1) / 2"),
    )


def _resized(graph: "Graph") -> Iterator[Merge]:
    """Yield the merge that failed, if the sizes of its maps differ by one position."""
    failure = graph.failure
    maps = [tensor for tensor in failure.inputs if len(tensor.shape) > 2] if failure else []
    if failure is None or failure.name not in MERGING or len(maps) != 2:
        return
    sizes = [tensor.shape[2:] for tensor in maps]
    if len(sizes[0]) == len(sizes[1]) and {abs(a - b) for a, b in zip(*sizes, strict=True)} in ({1}, {0, 1}):
        shown = [show(size) for size in sizes]
        yield f"of another size ({shown[0]} and {shown[1]}) than", failure.where, maps


def _shifted(graph: "Graph") -> Iterator[Merge]:
    """Yield every merge of maps whose receptive fields have centres half a position apart or more."""
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
    """Return the distance of the centres of two fields, in positions; 0 if unknown or if both end alike."""
    a, b = first.centre, second.centre
    if a is None or b is None or not first.stride or first.stride != second.stride:
        return 0.0
    ends = [centre + (extent.size or 0) / 2 for centre, extent in ((a, first), (b, second))]
    return 0.0 if ends[0] == ends[1] else abs(a - b) / float(first.stride)


def _behind(network: "Network", tensor: "TensorInfo") -> set[int]:
    """Return the indices of all ops that a tensor depends on."""
    makers, waiting = set[int](), [tensor]
    while waiting:
        op = network.producer(waiting.pop())
        if op is not None and op.index not in makers:
            makers.add(op.index)
            waiting += op.inputs
    return makers


def _even(op: "Op") -> list[bool]:
    """Return for every axis whether the window is even and its stride 1; it is empty without a window."""
    kernels = _kernel(op)
    steps = zip(kernels, op.arguments["stride"], op.arguments["dilation"], strict=True) if kernels else ()
    return [stride == 1 and dilation * (kernel - 1) % 2 == 1 for kernel, stride, dilation in steps]


def _kernel(op: "Op") -> tuple[int, ...]:
    """Return the kernel of a convolution or pooling along every axis."""
    if op.name in CONVOLUTIONS:
        return op.arguments["weight"].shape[2:]
    return op.arguments["kernel_size"] if op.name in POOLS else ()


RULE = Rule("info", "manual", network=look)
