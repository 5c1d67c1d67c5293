"""The network fails on some input sizes.

What. The network runs on the declared size and fails, in a sum or concatenation, on an input that is larger
by 1, 2, 4 … positions along every axis, up to half of the total stride.

Why. Halving a size rounds it down, and doubling does not undo that: 33 becomes 16 and comes back as 32, while
the skip connection still has 33. A network that halves twice before its first skip takes 33 and fails
on 34. The first image of another size stops a deployed network (Ronneberger et al.
2015, section 2, choose tile sizes for which all poolings see even sizes; later U-Nets resize or crop
instead).

Guard. The finding is an info, and only for networks that upsample and merge. Of those with over 400 ops,
only one more position is tried. The fix resizes the operand that was upsampled, where the other operand is a
name that may be read twice.

Instead.

    y = F.interpolate(y, size=skip.shape[2:])
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.arithmetic.shape import show
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.lint.script import Script
from netwright.trace.families import CONVOLUTIONS, MERGING, POOLS

if TYPE_CHECKING:
    from netwright.arithmetic.shape import Shape
    from netwright.lint.network import Network
    from netwright.trace.graph import Failure, Graph, TensorInfo

OPS = 400
"""The most operations in a network that is recorded at more than one other size."""
GROWING = {
    "interpolate",
    "upsample",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "pixel_shuffle",
}


def look(network: "Network") -> Iterator[Remark]:
    """Report the merge that fails on the smallest of the larger inputs that are tried."""
    names = {op.name for op in network.graph.ops}
    if network.graph.failure or len(network.input) < 2 or not names & GROWING or not names & MERGING:
        return
    half = _stride(network) // 2 if len(network.graph.ops) <= OPS else 1
    for size in (_larger(network, 2**step) for step in range(max(half, 1).bit_length())):
        failure = None if network.runs(size) else (graph := network.recorded(size)).failure
        if failure:
            if failure.name in MERGING:
                yield _remark(network, graph, failure, size)
            return


def _larger(network: "Network", more: int) -> "Shape":
    return network.input[0], *(size + more for size in network.input[1:])


def _stride(network: "Network") -> int:
    """Return how many positions of the input make one of the coarsest map of a convolution or pooling."""
    strides = [1]
    for op in network.graph.ops:
        if op.name in CONVOLUTIONS | POOLS:
            sizes = zip(network.input[1:], op.outputs[0].shape[2:], strict=False)
            strides += [size // length for size, length in sizes if length > 1]
    return max(strides)


def _remark(network: "Network", graph: "Graph", failure: "Failure", size: "Shape") -> Remark:
    shapes = " and ".join(show(tensor.shape[2:]) for tensor in failure.inputs)
    return Remark(
        network.place(failure),
        f"on an input of {show(size)}, this {failure.name} is given maps of {shapes}, which differ.",
        module=failure.module,
        evidence={"input": list(size), "shapes": [list(tensor.shape) for tensor in failure.inputs]},
        fix=_fix(network, graph, failure) or Fix("use interpolate(…, size=skip.shape[2:]) before the merge"),
    )


def _fix(network: "Network", graph: "Graph", failure: "Failure") -> Fix | None:
    """Return the fix that resizes the upsampled operand to the size of the other one."""
    from netwright.lint.rewrite import replaced

    grown = [_grown(graph, tensor) for tensor in failure.inputs]
    if sorted(grown) != [False, True]:
        return None
    merges = [
        (script, parts) for script, node in network.expressions(failure.where) if (parts := _parts(node))
    ]
    if len(merges) != 1:
        return None
    script, parts = merges[0]
    small, skip = parts if grown[0] else parts[::-1]
    resize = _resize(script)
    if not resize or not isinstance(skip, ast.Name | ast.Attribute):
        return None
    text = f"{resize}({script.segment(small)}, size={script.segment(skip)}.shape[2:])"
    return replaced(network, script, small, text)


def _grown(graph: "Graph", tensor: "TensorInfo") -> bool:
    """Return True for a tensor that was upsampled, also before layers that keep its size."""
    while tensor.producer is not None:
        op = graph.ops[tensor.producer]
        if op.name in GROWING:
            return True
        if not op.inputs or op.inputs[0].shape[2:] != tensor.shape[2:]:
            return False
        tensor = op.inputs[0]
    return False


def _parts(node: ast.expr) -> list[ast.expr]:
    """Return the two operands of a sum or concatenation in the source, or nothing for another expression."""
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
            return [left, right]
        case ast.Call(
            func=ast.Attribute(attr="cat" | "concat"),
            args=[ast.List(elts=[first, second]) | ast.Tuple(elts=[first, second]), *_],
        ):
            return [first, second]
    return []


def _resize(script: Script) -> str:
    """Return the name of `interpolate` in a file, or an empty text if the file does not import it."""
    names = {home: name for name, home in script.imports.items()}
    for home in ("torch.nn.functional", "torch.nn", "torch"):
        if home in names:
            return ".".join(
                [names[home], *"torch.nn.functional.interpolate".removeprefix(f"{home}.").split(".")]
            )
    return ""


RULE = Rule("info", "unsafe", network=look)
