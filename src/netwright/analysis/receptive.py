"""The receptive field of every tensor in a recorded graph.

`fields(graph)[tensor.key].text()` is the column of a table: `435 /32 -201` (a unit sees 435 positions, its
neighbour 32 further, the first begins at -201), `7 /4 -3 x 9 /4 -4` where the axes differ, `whole`, `fixed`,
`non-uniform`, `nothing`, or `unknown (operation)`; `≤` says that the field contains what is seen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from netwright.analysis.reading import layout, mixing, moving, pointwise
from netwright.analysis.reading.axes import space_axes
from netwright.analysis.reading.rule import RULES, Reader
from netwright.arithmetic.extent import Extent, Gaps, gaps, measure
from netwright.arithmetic.receptive import Reach, flood, from_points, nothing, union, unknown
from netwright.arithmetic.sets import Sets, points
from netwright.trace.graph import Graph, Op, TensorInfo

TABLES = (layout, mixing, moving, pointwise)
"""The modules whose import fills the table of rules."""

_NORMS = {"batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm", "native_layer_norm"}
_SAME = pointwise.POINTWISE | {"batch_norm"}


@dataclass(frozen=True)
class Sight:
    """What a tensor sees of one input: an extent for each of that input's axes.

    Args:
        input: which of the graph's inputs.
        axes: axes of that input, counted with the batch.
        extents: one for each of these axes.
    """

    input: int
    axes: tuple[int, ...]
    extents: tuple[Extent, ...]

    def text(self) -> str:
        """The extents, once when all agree."""
        texts = [extent.text() for extent in self.extents]
        return texts[0] if len(set(texts)) == 1 else " x ".join(texts)


@dataclass(frozen=True)
class Field:
    """The receptive field of one tensor, for each input of the network."""

    sights: tuple[Sight, ...]

    def text(self) -> str:
        """For a table; the inputs it does not see are left out when there are several."""
        if len(self.sights) == 1:
            return self.sights[0].text()
        seen = [f"{s.input}: {s.text()}" for s in self.sights if s.text() != "nothing"]
        return "; ".join(seen) or "nothing"


class Fields(Mapping[int, Field]):
    """Receptive fields by tensor key, without normalisation; computed when asked for.

    Args:
        graph: the recorded run.
        axes: for each input the axes to follow; by default those of space or time.
    """

    def __init__(self, graph: Graph, axes: tuple[tuple[int, ...], ...] | None = None):
        self.graph = graph
        self.axes = axes or tuple(space_axes(graph, tensor) for tensor in graph.inputs)
        self._known: dict[tuple[Reach | None, ...], Field] = {}

    def __getitem__(self, key: int) -> Field:
        if key not in self._shapes:
            raise KeyError(key)
        return self._field(self._hulls, key)

    def __iter__(self) -> Iterator[int]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)

    def strict(self, key: int) -> Field:
        """The field when norms count: Group-, Instance- and LayerNorm and training BatchNorm read it all."""
        return self._field(self._strict, key)

    def gaps(self, key: int) -> tuple[tuple[Gaps, ...], ...]:
        """For each input and each of its axes: holes inside the fields, positions that no unit reads."""
        return tuple(
            tuple(gaps(self.reach(key, index, axis, support=True)) for axis in axes)
            for index, axes in enumerate(self.axes)
        )

    def document(self, key: int) -> list[dict[str, Any]]:
        """The field as plain data, one entry for each axis of each input, holes and unread positions too."""
        plain, strict, left = self[key], self.strict(key), self.gaps(key)
        entries = []
        for sight, counted, missed in zip(plain.sights, strict.sights, left, strict=True):
            axes = zip(sight.axes, sight.extents, counted.extents, missed, strict=True)
            for axis, extent, with_norms, gap in axes:
                entries.append(
                    {
                        "input": sight.input,
                        "axis": axis,
                        "kind": extent.kind,
                        "size": extent.size,
                        "stride": None if extent.stride is None else float(extent.stride),
                        "offset": extent.offset,
                        "covers": extent.covers,
                        "bound": extent.bound,
                        "with_norms": with_norms.text(),
                        "holes": gap.holes,
                        "unread": list(gap.unread),
                    }
                )
        return entries

    def reach(self, key: int, index: int, axis: int, *, support: bool = False) -> Reach:
        """The exact sets behind a field: of tensor `key`, on `axis` of input `index`."""
        walked = self._supports if support else self._hulls
        tensor = self.graph.inputs[index]
        return walked[index, axis].get(key) or nothing(tensor.shape[axis], self._shapes[key])

    @cached_property
    def _shapes(self) -> dict[int, tuple[int, ...]]:
        made = [tensor for op in self.graph.ops for tensor in op.outputs]
        return {tensor.key: tensor.shape for tensor in (*self.graph.inputs, *made)}

    @cached_property
    def _hulls(self) -> "Walked":
        return walk(self.graph, self.axes)

    @cached_property
    def _supports(self) -> "Walked":
        return walk(self.graph, self.axes, support=True)

    @cached_property
    def _strict(self) -> "Walked":
        if not any(op.name in _NORMS for op in self.graph.ops):
            return self._hulls
        return walk(self.graph, self.axes, strict=True)

    def _field(self, walked: "Walked", key: int) -> Field:
        """Put together once per set of positions, however many tensors share it."""
        found = tuple(reaches.get(key) for reaches in walked.values())
        if found not in self._known:
            extents = dict(zip(walked, map(self._measured, found), strict=True))
            sights = (
                Sight(index, axes, tuple(extents[index, axis] for axis in axes))
                for index, axes in enumerate(self.axes)
            )
            self._known[found] = Field(tuple(sights))
        return self._known[found]

    def _measured(self, reach: Reach | None) -> Extent:
        return Extent("nothing", 0) if reach is None else measure(reach)


Walked = dict[tuple[int, int], dict[int, Reach]]


def fields(graph: Graph, axes: tuple[tuple[int, ...], ...] | None = None) -> Fields:
    """The receptive field of every tensor of a graph, by its key."""
    return Fields(graph, axes)


def walk(
    graph: Graph, axes: tuple[tuple[int, ...], ...], *, strict: bool = False, support: bool = False
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
    if op.name in _SAME and len(seen) == 1 and seen[0].shape == out.shape and not reader.strict:
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
