"""The receptive field of every tensor in a recorded graph.

`fields(graph)[tensor.key].text()` is the column of a table: `435 /32 -201` (a unit sees 435 positions, its
neighbour 32 further, the first begins at -201), `7 /4 -3 x 9 /4 -4` where the axes differ, `whole`, `fixed`,
`non-uniform`, `nothing`, or `unknown (operation)`; `≤` says that the field contains what is seen, `∘6` that
six positions inside it are not read (dilation alone leaves a grid).
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
"""The longest axis whose holes are looked for: sets of single positions grow with its square."""


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

    def text(self, *, holes: bool = True) -> str:
        """The extents, once when all agree."""
        texts = [(extent if holes else replace(extent, holes=0)).text() for extent in self.extents]
        return texts[0] if len(set(texts)) == 1 else " x ".join(texts)


@dataclass(frozen=True)
class Field:
    """The receptive field of one tensor, for each input of the network."""

    sights: tuple[Sight, ...]

    def text(self, *, holes: bool = True) -> str:
        """For a table; the inputs it does not see are left out when there are several."""
        if len(self.sights) == 1:
            return self.sights[0].text(holes=holes)
        seen = [f"{s.input}: {s.text(holes=holes)}" for s in self.sights if s.text() != "nothing"]
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
        self._known: dict[tuple[tuple[Reach | None, ...], tuple[int | None, ...]], Field] = {}
        self._own: dict[int, Field] = {}
        self._missed: dict[tuple[int, int, int], Gaps | None] = {}
        self._stricter: dict[frozenset[int], Walked] = {}

    def __getitem__(self, key: int) -> Field:
        if key not in self._shapes:
            raise KeyError(key)
        if key not in self._own:
            self._own[key] = self._field(self._hulls, key, holes=True)
        return self._own[key]

    def __contains__(self, key: object) -> bool:
        return key in self._shapes

    def __iter__(self) -> Iterator[int]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)

    def strict(self, key: int, *, evaluated: bool = False) -> Field:
        """The field when norms count: Group-, Instance- and LayerNorm and training BatchNorm read it all.

        Args:
            key: of the tensor.
            evaluated: count as in evaluation, where norms with running statistics read none.
        """
        return self._field(self._strict(self._counting[evaluated]), key)

    def gaps(self, key: int) -> tuple[tuple[Gaps | None, ...], ...]:
        """For each input and each of its axes: holes inside the fields, positions that no unit reads.

        None where the field is unknown, or has holes and the axis is longer than `LONGEST`.
        """
        return tuple(
            tuple(self._gaps(key, index, axis) for axis in axes) for index, axes in enumerate(self.axes)
        )

    def _gaps(self, key: int, index: int, axis: int) -> Gaps | None:
        if (key, index, axis) not in self._missed:
            hull = self.reach(key, index, axis)
            found = gaps(hull)
            if found is None and not hull.unknown and hull.extent <= LONGEST:
                found = gaps(self.reach(key, index, axis, support=True))
            self._missed[key, index, axis] = found
        return self._missed[key, index, axis]

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
                        "holes": None if gap is None else gap.holes,
                        "unread": None if gap is None else list(gap.unread),
                    }
                )
        return entries

    def reach(self, key: int, index: int, axis: int, *, support: bool = False) -> Reach:
        """The exact sets behind a field: of tensor `key`, on `axis` of input `index`."""
        walked = self._supports if support else self._hulls
        tensor = self.graph.inputs[index]
        return walked[index, axis].get(key) or nothing(tensor.shape[axis], self._shapes[key])

    @cached_property
    def _counting(self) -> dict[bool, frozenset[int]]:
        """The norms that count, by whether as in evaluation."""
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
        if norms and norms not in self._stricter:
            self._stricter[norms] = walk(self.graph, self.axes, strict=norms)
        return self._stricter[norms] if norms else self._hulls

    def _field(self, walked: Walked, key: int, *, holes: bool = False) -> Field:
        """Put together once per set of positions, however many tensors share it."""
        found = tuple(reaches.get(key) for reaches in walked.values())
        left = tuple(
            self._holes(key, *place, reach) if holes else 0
            for place, reach in zip(walked, found, strict=True)
        )
        if (found, left) not in self._known:
            measured = map(self._measured, found, left)
            extents = dict(zip(walked, measured, strict=True))
            sights = (
                Sight(index, axes, tuple(extents[index, axis] for axis in axes))
                for index, axes in enumerate(self.axes)
            )
            self._known[found, left] = Field(tuple(sights))
        return self._known[found, left]

    def _holes(self, key: int, index: int, axis: int, hull: Reach | None) -> int | None:
        """Positions that the most perforated unit leaves out; a solid hull has none."""
        if hull is None or hull.unknown or hull.solid:
            return 0
        found = self._gaps(key, index, axis)
        return None if found is None else found.holes

    def _measured(self, reach: Reach | None, holes: int | None) -> Extent:
        extent = Extent("nothing", 0) if reach is None else measure(reach)
        return extent if holes == 0 else replace(extent, holes=holes)


def fields(graph: Graph, axes: tuple[tuple[int, ...], ...] | None = None) -> Fields:
    """The receptive field of every tensor of a graph, by its key."""
    return Fields(graph, axes)


def counting(graph: Graph, *, evaluated: bool = False) -> frozenset[int]:
    """The norms that take statistics of what they are given; `evaluated`: those that would in evaluation."""

    def counts(op: Op) -> bool:
        own = op.arguments.get("training" if op.name == "batch_norm" else "use_input_stats", True)
        return bool(own) and not (evaluated and op.arguments.get("running_mean") is not None)

    return frozenset(op.index for op in graph.ops if op.name in NORMS and counts(op))
