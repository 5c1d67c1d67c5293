"""Input positions that the network never reads: no unit of any output depends on them."""

from dataclasses import dataclass
from math import prod

from netwright.receptive.fields import Fields
from netwright.trace.graph import Graph, Op

AXES = {1: ("positions",), 2: ("rows", "columns"), 3: ("planes", "rows", "columns")}
"""The names of the axes that are followed, by how many there are."""
_SHOWN = 3


@dataclass(frozen=True)
class Unread:
    """Positions of one input that no unit of any output reads.

    Args:
        input: index of the input among those of the graph.
        axes: axes of that input, counted with the batch.
        sizes: positions along each axis.
        positions: the positions along each axis that are never read.
        lost: the first layer or operation whose outputs no longer read one of them.
    """

    input: int
    axes: tuple[int, ...]
    sizes: tuple[int, ...]
    positions: tuple[tuple[int, ...], ...]
    lost: str

    @property
    def share(self) -> float:
        """The share of the input that is certainly never read; branches may leave out more."""
        return 1 - prod(1 - len(gone) / size for gone, size in zip(self.positions, self.sizes, strict=True))

    def text(self) -> str:
        """Return a short text.

        >>> Unread(0, (2, 3), (8, 8), ((1, 3, 5, 7), (1, 3, 5, 7)), "stem").text()
        'rows, columns 1, 3, 5 … (4 of 8 each): 75 % of the input or more, first lost at `stem`'
        >>> Unread(0, (2,), (9,), ((8,),), "pool").text()
        'position 8 (1 of 9), first lost at `pool`'
        """
        if all(len(gone) == size for gone, size in zip(self.positions, self.sizes, strict=True)):
            return f"the whole input, first lost at `{self.lost}`" if self.lost else "the whole input"
        names = AXES.get(len(self.axes)) or tuple(f"axis {axis}" for axis in self.axes)
        alike: dict[tuple[tuple[int, ...], int], list[str]] = {}
        for name, gone, size in zip(names, self.positions, self.sizes, strict=True):
            if gone:
                alike.setdefault((gone, size), []).append(name if len(gone) > 1 else name.removesuffix("s"))
        parts = [_part(which, gone, size) for (gone, size), which in alike.items()]
        share = f": {100 * self.share:.0f} % of the input or more" if len(self.axes) > 1 else ""
        return f"{'; '.join(parts)}{share}, first lost at `{self.lost}`"


def _part(names: list[str], gone: tuple[int, ...], size: int) -> str:
    shown = ", ".join(map(str, gone[:_SHOWN])) + (" …" if len(gone) > _SHOWN else "")
    return f"{', '.join(names)} {shown} ({len(gone)} of {size}{' each' if len(names) > 1 else ''})"


def unread(fields: Fields) -> tuple[Unread, ...]:
    """Return what is known to be never read of each input; nothing where the forward pass failed."""
    graph, result = fields.graph, []
    keys = [info.key for info in graph.outputs if info.key in fields]
    for index, axes in enumerate(fields.axes):
        gone = tuple(_gone(fields, keys, index, place) for place in range(len(axes)))
        if keys and any(gone):
            sizes = tuple(graph.inputs[index].shape[axis] for axis in axes)
            result.append(Unread(index, axes, sizes, gone, _lost(fields, index, gone)))
    return tuple(result)


def _gone(fields: Fields, keys: list[int], index: int, place: int) -> tuple[int, ...]:
    """Return the positions along one axis that no tensor reads; none where the field of one is unknown."""
    gaps = [fields.gaps(key)[index][place] for key in keys]
    known = [set(gap.unread) for gap in gaps if gap is not None]
    return tuple(sorted(set.intersection(*known))) if known and len(known) == len(gaps) else ()


def _lost(fields: Fields, index: int, gone: tuple[tuple[int, ...], ...]) -> str:
    """Return the first operation before an output whose inputs read one of them and whose outputs do not."""
    for op in _ancestors(fields.graph):
        for place, positions in enumerate(gone):
            before, after = (
                _read(fields, [info.key for info in infos], index, place, set(positions))
                for infos in (op.inputs, op.outputs)
            )
            if before - after:
                return op.module or op.name
    return ""


def _read(fields: Fields, keys: list[int], index: int, place: int, positions: set[int]) -> set[int]:
    """Return those of the given positions that any of the tensors reads."""
    gaps = [fields.gaps(key)[index][place] for key in keys if key in fields]
    read: set[int] = set()
    for gap in gaps:
        read |= positions - set(() if gap is None else gap.unread)
    return read


def _ancestors(graph: Graph) -> list[Op]:
    """Return the operations that an output depends on, in order."""
    wanted = {info.producer for info in graph.outputs}
    ancestors = []
    for op in reversed(graph.ops):
        if op.index in wanted:
            ancestors.append(op)
            wanted |= {info.producer for info in op.inputs}
    return ancestors[::-1]
