"""One pass over a recorded graph: what every tensor reads of each axis of each input, op by op."""

from collections.abc import Mapping

from netwright.analysis.reading import layout, mixing, moving, pointwise
from netwright.analysis.reading.rule import RULES, Reader
from netwright.arithmetic.receptive import Reach, flood, from_points, union, unknown
from netwright.arithmetic.sets import Sets, points
from netwright.trace.graph import Graph, Op, TensorInfo

TABLES = (layout, mixing, moving, pointwise)
"""The modules whose import fills the table of rules."""


Walked = dict[tuple[int, int], dict[int, Reach]]
"""By input and axis: the reach of every tensor that reads anything of it, by its key."""

_SAME = pointwise.POINTWISE | {"batch_norm"}


def walk(
    graph: Graph,
    axes: tuple[tuple[int, ...], ...],
    *,
    strict: frozenset[int] = frozenset(),
    support: bool = False,
) -> Walked:
    """What every tensor reads when it is made, for each input and axis; what is not there reads nothing.

    The outputs are as they are at the end: something may have been written into them since.
    """
    sources: dict[int, Sets] = {}
    walked: Walked = {}
    for index, tensor in enumerate(graph.inputs):
        for axis in axes[index]:
            size = tensor.shape[axis]
            sets = sources.setdefault(size, points(size, support=support))
            reaches = {tensor.key: from_points(sets, tensor.shape, axis)}
            reader = Reader(size, reaches, strict)
            aliases, made = _Aliases(graph), dict(reaches)
            for op in graph.ops:
                _step(op, reader)
                made.update((t.key, reaches[t.key]) for t in op.outputs if t.key in reaches)
                aliases.write(op, reader)
            made.update((t.key, reaches[t.key]) for t in graph.outputs if t.key in reaches)
            walked[index, axis] = made
    return walked


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


class _Aliases:
    """Views of one storage: writing into one changes what the others hold."""

    def __init__(self, graph: Graph):
        self.sharing: dict[int, dict[int, TensorInfo]] = {}
        for tensor in graph.inputs:
            self.sharing.setdefault(tensor.storage, {})[tensor.key] = tensor

    def write(self, op: Op, reader: Reader) -> None:
        """After an in-place operation, what shares its storage may hold what was written."""
        for tensor in op.outputs:
            others = self.sharing.setdefault(tensor.storage, {})
            if op.inplace and op.inputs:
                others.pop(op.inputs[0].key, None)
                self._spread(tensor, others, reader)
            others[tensor.key] = tensor

    def _spread(self, written: TensorInfo, others: Mapping[int, TensorInfo], reader: Reader) -> None:
        new = reader.reaches.get(written.key)
        if new is None:
            return
        for other in others.values():
            held = reader.reaches.get(other.key)
            if held is new:
                continue
            parts = [flood([new], other.shape)] + ([held] if held is not None else [])
            reader.reaches[other.key] = union(parts, other.shape)
