"""Odd input sizes break the network.

What. The network runs on the declared size and fails, in a sum or concatenation, on a size one larger.

Why. Halving rounds, doubling does not undo it: 33 becomes 16 and comes back as 32, and the skip still has
33. The first image of another size stops a deployed network (Ronneberger et al. 2015, section 2: choose
tile sizes so that all poolings see even sizes; later U-Nets resize or crop instead).

Guard. An info, and only for networks that upsample and merge. The fix resizes the operand that an upsampling
made, where the other is a name that may be read twice.

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
from netwright.trace.families import MERGING

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Failure, Graph, TensorInfo

GROWING = {
    "interpolate",
    "upsample",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "pixel_shuffle",
}


def look(network: "Network") -> Iterator[Remark]:
    """The merge that fails when every size of the input is one larger."""
    names = {op.name for op in network.graph.ops}
    if network.graph.failure or len(network.input) < 2 or not names & GROWING or not names & MERGING:
        return
    odd = (network.input[0], *(size + 1 for size in network.input[1:]))
    graph = network.recorded(odd)
    failure = graph.failure
    if failure is None or failure.name not in MERGING:
        return
    shapes = " and ".join(show(tensor.shape[2:]) for tensor in failure.inputs)
    yield Remark(
        network.place(failure),
        f"on {show(odd)} this {failure.name} gets maps of {shapes}.",
        module=failure.module,
        evidence={"input": list(odd), "shapes": [list(tensor.shape) for tensor in failure.inputs]},
        fix=_fix(network, graph, failure) or Fix("interpolate(…, size=skip.shape[2:]) before merging"),
    )


def _fix(network: "Network", graph: "Graph", failure: "Failure") -> Fix | None:
    """Resize the operand that was upsampled to the size of the other one."""
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
    """True for what an upsampling made, through layers that keep the size."""
    while tensor.producer is not None:
        op = graph.ops[tensor.producer]
        if op.name in GROWING:
            return True
        if not op.inputs or op.inputs[0].shape[2:] != tensor.shape[2:]:
            return False
        tensor = op.inputs[0]
    return False


def _parts(node: ast.expr) -> list[ast.expr]:
    """The two operands of a sum or of a concatenation in the source; empty for another expression."""
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
    """What `interpolate` is called in a file, empty where nothing it imports has it."""
    names = {home: name for name, home in script.imports.items()}
    for home in ("torch.nn.functional", "torch.nn", "torch"):
        if home in names:
            return ".".join(
                [names[home], *"torch.nn.functional.interpolate".removeprefix(f"{home}.").split(".")]
            )
    return ""


RULE = Rule("info", "unsafe", network=look)
