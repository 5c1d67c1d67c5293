"""Part of the image is folded into the batch.

What. A `view(-1, N)` or `reshape(-1, N)` lets the batch absorb the elements that do not fit into a row, and
the network's output no longer has one row for each example. That is an error at the declared size, and a
warning where it happens only at twice the declared height and width.

Why. With 64x64 instead of 32x32 images, `view(-1, 8*8*32)` turns two examples into eight rows. Nothing fails
in the network. The loss then complains about the targets or, when the targets broadcast, the network is
trained on nonsense.

Guard. Only the final outputs are judged, and only when a view really moved elements into the batch, because
many networks fold windows, heads or frames into the batch and unfold them again.

Instead.

    x = x.flatten(1)
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.arithmetic.shape import show
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Graph, Op

VIEWS = {"view", "reshape"}


def look(network: "Network") -> Iterator[Remark]:
    """Report every view that folds space into the batch of an output."""
    graph, size = network.graph, network.input
    if graph.failure or not any(_open(op) for op in graph.ops):
        return
    fold = _fold(graph)
    exact = any(_open(op) and op.outputs[0].shape[0] == graph.batch for op in graph.ops)
    if fold is None and exact and len(size) > 1:
        size = (size[0], *(2 * length for length in size[1:]))
        fold = _fold(network.recorded(size))
    if fold is None:
        return
    op, rows = fold
    batch = graph.batch
    given = f"{batch} examples" + (f" of {show(size)}" if size else "")
    yield Remark(
        network.place(op),
        f"`{op.name}(-1, …)` folds space into the batch: {given} become {rows} rows.",
        module=op.module,
        evidence={"input": list(size), "batch": batch, "rows": rows},
        fix=_fix(network, op),
        severity="error" if size == network.input else "warning",
    )


def _open(op: "Op") -> bool:
    """Return True for a view whose first size is -1."""
    size = op.arguments.get("size", op.arguments.get("shape"))
    return op.name in VIEWS and isinstance(size, tuple) and len(size) > 1 and size[0] == -1


def _fold(graph: "Graph") -> tuple["Op", int] | None:
    """Return the view that changed the first dimension, and its rows, if an output has as many rows."""
    if graph.failure or not graph.outputs:
        return None
    rows = {tensor.shape[0] for tensor in graph.outputs if tensor.shape}
    for op in graph.ops:
        before, after = op.inputs[0].shape if op.inputs else (), op.outputs[0].shape if op.outputs else ()
        folded = before and after and before[0] == graph.batch != after[0]
        if _open(op) and folded and rows == {after[0]} and after[0] % graph.batch == 0:
            return op, after[0]
    return None


def _fix(network: "Network", op: "Op") -> Fix | None:
    from netwright.lint.rewrite import replaced

    same = next((other for other in network.graph.ops if other.where == op.where and _open(other)), None)
    flat = (
        same is not None
        and len(same.outputs[0].shape) == 2
        and same.outputs[0].shape[0] == network.graph.batch
    )
    script = network.script(op.where.file) if op.where else None
    if script is None or not flat or op.where is None:
        return Fix("use flatten(1), which never changes the batch")
    for call in script.starting(op.where.line):
        match call:
            case ast.Call(func=ast.Attribute(attr=name, value=value)) if name == op.name:
                text = f"{script.operand(value)}.flatten(1)"
                return replaced(network, script, call, text)
    return Fix("use flatten(1), which never changes the batch")


RULE = Rule("error", "unsafe", network=look)
