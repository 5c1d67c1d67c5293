"""One pass over a recorded graph: what every tensor reads of each axis of each input, op by op."""

from netwright.analysis.reading import layout, mixing, moving, pointwise
from netwright.analysis.reading.rule import RULES, Reader
from netwright.analysis.reading.writing import Views
from netwright.arithmetic.receptive import Reach, from_points, unknown
from netwright.arithmetic.sets import Sets, points
from netwright.trace.families import POINTWISE
from netwright.trace.graph import Graph, Op

TABLES = (layout, mixing, moving, pointwise)
"""The modules whose import fills the table of rules."""


Walked = dict[tuple[int, int], dict[int, Reach]]
"""By input and axis: the reach of every tensor that reads anything of it, by its key."""

_FROM_NUMPY = "lift_fresh.default"
"""All that is seen of `torch.from_numpy`."""
_SAME = POINTWISE | {"batch_norm"}


def walk(
    graph: Graph,
    axes: tuple[tuple[int, ...], ...],
    *,
    strict: frozenset[int] = frozenset(),
    support: bool = False,
) -> Walked:
    """What every tensor reads, for each input and axis; what is not there reads nothing."""
    sources: dict[int, Sets] = {}
    walked: Walked = {}
    opaque = _opaque(graph)
    for index, tensor in enumerate(graph.inputs):
        for axis in axes[index]:
            size = tensor.shape[axis]
            sets = sources.setdefault(size, points(size, support=support))
            reaches = {tensor.key: from_points(sets, tensor.shape, axis)}
            reader = Reader(size, reaches, strict)
            views = Views()
            for op in graph.ops:
                _step(op, reader)
                views.enter(op, reader)
                if op.index in opaque:
                    reaches.update({made.key: unknown(size, made.shape, "numpy") for made in op.outputs})
            walked[index, axis] = reaches
    return walked


def _opaque(graph: Graph) -> set[int]:
    """The operations that make a tensor of an array, which may hold what the run computed before."""
    return {op.index for op in graph.ops if op.name == _FROM_NUMPY or (not op.inputs and _given_array(op))}


def _given_array(op: Op) -> bool:
    return any(hasattr(value, "__array__") for value in op.arguments.values())


def _step(op: Op, reader: Reader) -> None:
    """What the outputs of one operation read, put among the reaches."""
    reaches = reader.reaches
    seen = [tensor for tensor in op.inputs if tensor.key in reaches]
    if not seen or not op.outputs:
        return
    out = op.outputs[0]
    if op.name in _SAME and len(seen) == 1 and seen[0].shape == out.shape and op.index not in reader.strict:
        reaches[out.key] = reaches[seen[0].key]
        return
    made = _apply(op, reader, [reaches[tensor.key] for tensor in seen])
    for tensor, reach in zip(op.outputs, made, strict=True):
        if reach.terms or reach.unknown:
            reaches[tensor.key] = reach
        else:
            reaches.pop(tensor.key, None)


def _apply(op: Op, reader: Reader, seen: list[Reach]) -> list[Reach]:
    """What the outputs read, by the operation's rule; unknown without one or where it does not fit."""
    blamed = next((reach.unknown for reach in seen if reach.unknown), "")
    rule = RULES.get(op.name)
    if rule is None or blamed:
        return [unknown(reader.extent, tensor.shape, blamed or op.name) for tensor in op.outputs]
    found = rule(op, reader)
    made = [found] if isinstance(found, Reach) else list(found)
    if [reach.shape for reach in made] != [tensor.shape for tensor in op.outputs]:
        return [unknown(reader.extent, tensor.shape, op.name) for tensor in op.outputs]
    return made
