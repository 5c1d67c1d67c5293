"""One pass over a recorded graph that computes, operation by operation, what every tensor reads."""

from netwright.receptive.readers.table import Reaches, readers
from netwright.receptive.sets.index_sets import IndexSets, points
from netwright.receptive.sets.reach import Reach, from_points, unknown
from netwright.receptive.views import Views
from netwright.trace.graph import Graph, Op

Walked = dict[tuple[int, int], dict[int, Reach]]
"""For each (input, axis): the reach of every tensor that reads anything of that axis, by the tensor's key."""

_FROM_NUMPY = "lift_fresh.default"
"""The only operation that `torch.from_numpy` leaves in a recording."""


def walk(
    graph: Graph,
    axes: tuple[tuple[int, ...], ...],
    *,
    strict: frozenset[int] = frozenset(),
    support: bool = False,
) -> Walked:
    """Return what every tensor reads of each axis of each input.

    Args:
        graph: the recorded run.
        axes: for each input, the axes to follow.
        strict: indices of the norms that read everything they take statistics of.
        support: follow each single position instead of the first and the last one.
    """
    sources: dict[int, IndexSets] = {}
    walked: Walked = {}
    opaque = _opaque(graph)
    for index, tensor in enumerate(graph.inputs):
        for axis in axes[index]:
            size = tensor.shape[axis]
            sets = sources.setdefault(size, points(size, support=support))
            reaches = Reaches(size, {tensor.key: from_points(sets, tensor.shape, axis)}, strict)
            views = Views()
            for op in graph.ops:
                _step(op, reaches)
                views.enter(op, reaches)
                if op.index in opaque:
                    made = {output.key: unknown(size, output.shape, "numpy") for output in op.outputs}
                    reaches.by_key.update(made)
            walked[index, axis] = reaches.by_key
    return walked


def _opaque(graph: Graph) -> set[int]:
    """Return the operations that make a tensor of an array, which may hold what the run computed before."""
    return {op.index for op in graph.ops if op.name == _FROM_NUMPY or (not op.inputs and _given_array(op))}


def _given_array(op: Op) -> bool:
    return any(hasattr(value, "__array__") for value in op.arguments.values())


def _step(op: Op, reaches: Reaches) -> None:
    """Enter what the outputs of one operation read."""
    read = [reaches.by_key[tensor.key] for tensor in op.inputs if tensor.key in reaches.by_key]
    if not read or not op.outputs:
        return
    for tensor, reach in zip(op.outputs, _apply(op, reaches, read), strict=True):
        if reach.terms or reach.unknown:
            reaches.by_key[tensor.key] = reach
        else:
            reaches.by_key.pop(tensor.key, None)


def _apply(op: Op, reaches: Reaches, read: list[Reach]) -> list[Reach]:
    """Return what the outputs read, which is unknown where there is no reader or its shapes do not fit."""
    blamed = next((reach.unknown for reach in read if reach.unknown), "")
    reader = readers().get(op.name)
    if reader is None or blamed:
        return [unknown(reaches.length, tensor.shape, blamed or op.name) for tensor in op.outputs]
    result = reader(op, reaches)
    made = [result] if isinstance(result, Reach) else list(result)
    if [reach.shape for reach in made] != [tensor.shape for tensor in op.outputs]:
        return [unknown(reaches.length, tensor.shape, op.name) for tensor in op.outputs]
    return made
