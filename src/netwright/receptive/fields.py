"""The receptive field of every tensor in a recorded graph.

`fields(graph)[tensor.key].text()` is what a table shows: `435 /32 -201` (a unit sees 435 positions, the next
unit those 32 further on, and the first unit begins at -201), `7 /4 -3 x 9 /4 -4` where the axes differ,
`whole`, `fixed`, `non-uniform`, `nothing`, or `unknown (operation)`. `≤` means that the field contains what
is seen and may be larger; `∘6` means that six positions inside it are not read, as dilation leaves them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from netwright.receptive.axes import space_axes
from netwright.receptive.sets.extent import Extent, Gaps, gaps, measure
from netwright.receptive.sets.reach import Reach, nothing
from netwright.receptive.walk import Walked, walk
from netwright.trace.families import NORMS
from netwright.trace.graph import Graph, Op

LONGEST = 2048
"""The longest axis along which holes are looked for: their sets grow with the square of its length."""


@dataclass(frozen=True)
class InputField:
    """What a tensor sees of one input.

    Args:
        input: index of the input among those of the graph.
        axes: axes of that input, counted with the batch.
        extents: what is seen along each of these axes.
    """

    input: int
    axes: tuple[int, ...]
    extents: tuple[Extent, ...]

    def text(self, *, holes: bool = True) -> str:
        """Return the extents as text, once where all axes agree."""
        texts = [(extent if holes else replace(extent, holes=0)).text() for extent in self.extents]
        return texts[0] if len(set(texts)) == 1 else " x ".join(texts)


@dataclass(frozen=True)
class Field:
    """The receptive field of one tensor, for each input of the network."""

    inputs: tuple[InputField, ...]

    def text(self, *, holes: bool = True) -> str:
        """Return the field as text; of several inputs, those that it does not see are left out."""
        if len(self.inputs) == 1:
            return self.inputs[0].text(holes=holes)
        seen = [f"{f.input}: {f.text(holes=holes)}" for f in self.inputs if f.text() != "nothing"]
        return "; ".join(seen) or "nothing"


class Fields(Mapping[int, Field]):
    """Receptive fields by tensor key, computed when asked for; norms do not count.

    Args:
        graph: the recorded run.
        axes: for each input, the axes to follow; by default those of space or time.
    """

    def __init__(self, graph: Graph, axes: tuple[tuple[int, ...], ...] | None = None):
        self.graph = graph
        self.axes = axes or tuple(space_axes(graph, tensor) for tensor in graph.inputs)
        self._by_key: dict[int, Field] = {}
        self._by_reach: dict[tuple[tuple[Reach | None, ...], tuple[int | None, ...]], Field] = {}
        self._gaps_by_axis: dict[tuple[int, int, int], Gaps | None] = {}
        self._strict_walks: dict[frozenset[int], Walked] = {}

    def __getitem__(self, key: int) -> Field:
        if key not in self._shapes:
            raise KeyError(key)
        if key not in self._by_key:
            self._by_key[key] = self._field(self._hulls, key, holes=True)
        return self._by_key[key]

    def __contains__(self, key: object) -> bool:
        return key in self._shapes

    def __iter__(self) -> Iterator[int]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)

    def strict(self, key: int, *, evaluated: bool = False) -> Field:
        """Return the field with norms counted, which read everything they take statistics of.

        Args:
            key: key of the tensor.
            evaluated: count norms as in evaluation, where those with running statistics take none.
        """
        return self._field(self._strict(self._counting[evaluated]), key)

    def gaps(self, key: int) -> tuple[tuple[Gaps | None, ...], ...]:
        """Return, for each axis of each input, the holes in the fields and the positions no unit reads.

        They are None where the field is unknown, or where it has holes and the axis is longer than `LONGEST`.
        """
        return tuple(
            tuple(self._gaps(key, index, axis) for axis in axes) for index, axes in enumerate(self.axes)
        )

    def _gaps(self, key: int, index: int, axis: int) -> Gaps | None:
        if (key, index, axis) not in self._gaps_by_axis:
            hull = self.reach(key, index, axis)
            result = gaps(hull)
            if result is None and not hull.unknown and hull.length <= LONGEST:
                result = gaps(self.reach(key, index, axis, support=True))
            self._gaps_by_axis[key, index, axis] = result
        return self._gaps_by_axis[key, index, axis]

    def document(self, key: int) -> list[dict[str, Any]]:
        """Return the field as plain data: one entry for each axis of each input, with holes and unread."""
        plain, strict, gaps = self[key], self.strict(key), self.gaps(key)
        entries = []
        for field, with_norms, left in zip(plain.inputs, strict.inputs, gaps, strict=True):
            axes = zip(field.axes, field.extents, with_norms.extents, left, strict=True)
            for axis, extent, larger, gap in axes:
                entries.append(
                    {
                        "input": field.input,
                        "axis": axis,
                        "kind": extent.kind,
                        "size": extent.size,
                        "stride": None if extent.stride is None else float(extent.stride),
                        "offset": extent.offset,
                        "covers": extent.covers,
                        "bound": extent.bound,
                        "with_norms": larger.text(),
                        "holes": None if gap is None else gap.holes,
                        "unread": None if gap is None else list(gap.unread),
                    }
                )
        return entries

    def reach(self, key: int, index: int, axis: int, *, support: bool = False) -> Reach:
        """Return the exact sets of a field: what tensor `key` reads of axis `axis` of input `index`."""
        walked = self._supports if support else self._hulls
        tensor = self.graph.inputs[index]
        return walked[index, axis].get(key) or nothing(tensor.shape[axis], self._shapes[key])

    @cached_property
    def _counting(self) -> dict[bool, frozenset[int]]:
        """The norms that count, by whether they do so as in evaluation."""
        return {evaluated: counting(self.graph, evaluated=evaluated) for evaluated in (False, True)}

    @cached_property
    def _shapes(self) -> dict[int, tuple[int, ...]]:
        made = [tensor for op in self.graph.ops for tensor in op.outputs]
        made += [since for op in self.graph.ops for _, since in op.touched]
        return {tensor.key: tensor.shape for tensor in (*self.graph.inputs, *made)}

    @cached_property
    def _hulls(self) -> Walked:
        return walk(self.graph, self.axes)

    @cached_property
    def _supports(self) -> Walked:
        return walk(self.graph, self.axes, support=True)

    def _strict(self, norms: frozenset[int]) -> Walked:
        if norms and norms not in self._strict_walks:
            self._strict_walks[norms] = walk(self.graph, self.axes, strict=norms)
        return self._strict_walks[norms] if norms else self._hulls

    def _field(self, walked: Walked, key: int, *, holes: bool = False) -> Field:
        """Return the field of a tensor; tensors that read the same share one."""
        reaches = tuple(by_key.get(key) for by_key in walked.values())
        counts = tuple(
            self._holes(key, *place, reach) if holes else 0
            for place, reach in zip(walked, reaches, strict=True)
        )
        if (reaches, counts) not in self._by_reach:
            extents = dict(zip(walked, map(self._extent, reaches, counts), strict=True))
            inputs = (
                InputField(index, axes, tuple(extents[index, axis] for axis in axes))
                for index, axes in enumerate(self.axes)
            )
            self._by_reach[reaches, counts] = Field(tuple(inputs))
        return self._by_reach[reaches, counts]

    def _holes(self, key: int, index: int, axis: int, hull: Reach | None) -> int | None:
        """Return how many positions the unit with most holes leaves out; a solid hull has none."""
        if hull is None or hull.unknown or hull.solid:
            return 0
        gap = self._gaps(key, index, axis)
        return None if gap is None else gap.holes

    def _extent(self, reach: Reach | None, holes: int | None) -> Extent:
        extent = Extent("nothing", 0) if reach is None else measure(reach)
        return extent if holes == 0 else replace(extent, holes=holes)


def fields(graph: Graph, axes: tuple[tuple[int, ...], ...] | None = None) -> Fields:
    """Return the receptive field of every tensor of a graph, by the tensor's key."""
    return Fields(graph, axes)


def counting(graph: Graph, *, evaluated: bool = False) -> frozenset[int]:
    """Return the indices of the norms that take statistics of their input.

    Args:
        graph: the recorded run.
        evaluated: leave out those that use running statistics in evaluation.
    """

    def counts(op: Op) -> bool:
        own = op.arguments.get("training" if op.name == "batch_norm" else "use_input_stats", True)
        return bool(own) and not (evaluated and op.arguments.get("running_mean") is not None)

    return frozenset(op.index for op in graph.ops if op.name in NORMS and counts(op))
