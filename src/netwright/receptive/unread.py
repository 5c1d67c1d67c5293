"""What the network never reads of its inputs: positions that no unit of any output depends on."""

from dataclasses import dataclass
from math import prod

from netwright.receptive.fields import Fields
from netwright.trace.graph import Graph, Op

AXES = {1: ("positions",), 2: ("rows", "columns"), 3: ("planes", "rows", "columns")}
"""What the followed axes of an input are called, by their number."""
_SHOWN = 3


@dataclass(frozen=True)
class Unread:
    """Positions of one input that no unit of any output reads.

    Args:
        input: which of the graph's inputs.
        axes: axes of that input, counted with the batch.
        sizes: positions of each axis.
        positions: those never read, an axis each.
        lost: the first layer or operation whose outputs no longer read one of them.
    """

    input: int
    axes: tuple[int, ...]
    sizes: tuple[int, ...]
    positions: tuple[tuple[int, ...], ...]
    lost: str

    @property
    def share(self) -> float:
        """The part of the input that is certainly never read; branches may leave out more."""
        return 1 - prod(1 - len(gone) / size for gone, size in zip(self.positions, self.sizes, strict=True))

    def text(self) -> str:
        """In a few words.

        >>> Unread(0, (2, 3), (8, 8), ((1, 3, 5, 7), (1, 3, 5, 7)), "stem").text()
        'rows, columns 1, 3, 5 … (4 of 8 each): 75 % of the input or more, first lost at `stem`'
        >>> Unread(0, (2,), (9,), ((8,),), "pool").text()
        'position 8 (1 of 9), first lost at `pool`'
        """
        if all(len(gone) == size for gone, size in zip(self.positions, self.sizes, strict=True)):
            return f"the input at all, first lost at `{self.lost}`" if self.lost else "the input at all"
        names = AXES.get(len(self.axes)) or tuple(f"axis {axis}" for axis in self.axes)
        named: dict[tuple[tuple[int, ...], int], list[str]] = {}
        for name, gone, size in zip(names, self.positions, self.sizes, strict=True):
            if gone:
                named.setdefault((gone, size), []).append(name if len(gone) > 1 else name.removesuffix("s"))
        parts = [_part(which, *found) for found, which in named.items()]
        share = f": {100 * self.share:.0f} % of the input or more" if len(self.axes) > 1 else ""
        return f"{'; '.join(parts)}{share}, first lost at `{self.lost}`"


def _part(names: list[str], gone: tuple[int, ...], size: int) -> str:
    shown = ", ".join(map(str, gone[:_SHOWN])) + (" …" if len(gone) > _SHOWN else "")
    return f"{', '.join(names)} {shown} ({len(gone)} of {size}{' each' if len(names) > 1 else ''})"


def unread(fields: Fields) -> tuple[Unread, ...]:
    """The inputs of which positions are never read, where that is known; none where the network failed."""
    graph, found = fields.graph, []
    keys = [info.key for info in graph.outputs if info.key in fields]
    for index, axes in enumerate(fields.axes):
        gone = tuple(_gone(fields, keys, index, place) for place in range(len(axes)))
        if keys and any(gone):
            sizes = tuple(graph.inputs[index].shape[axis] for axis in axes)
            found.append(Unread(index, axes, sizes, gone, _lost(fields, index, gone)))
    return tuple(found)


def _gone(fields: Fields, keys: list[int], index: int, place: int) -> tuple[int, ...]:
    """Positions along one axis that none of some tensors reads; none where one of them is unknown."""
    missed = [fields.gaps(key)[index][place] for key in keys]
    known = [set(gap.unread) for gap in missed if gap is not None]
    return tuple(sorted(set.intersection(*known))) if known and len(known) == len(missed) else ()


def _lost(fields: Fields, index: int, gone: tuple[tuple[int, ...], ...]) -> str:
    """The first operation on the way to an output that reads one of them, and whose outputs do not."""
    for op in _ancestors(fields.graph):
        for place, positions in enumerate(gone):
            read = [_reads(fields, [info.key for info in infos], index, place, set(positions))
                    for infos in (op.inputs, op.outputs)]  # fmt: skip
            if read[0] - read[1]:
                return op.module or op.name
    return ""


def _reads(fields: Fields, keys: list[int], index: int, place: int, positions: set[int]) -> set[int]:
    """Which of some positions any of some tensors reads."""
    missed = [fields.gaps(key)[index][place] for key in keys if key in fields]
    read: set[int] = set()
    for gap in missed:
        read |= positions - set(() if gap is None else gap.unread)
    return read


def _ancestors(graph: Graph) -> list[Op]:
    """The operations that an output depends on, in order."""
    wanted = {info.producer for info in graph.outputs}
    found = []
    for op in reversed(graph.ops):
        if op.index in wanted:
            found.append(op)
            wanted |= {info.producer for info in op.inputs}
    return found[::-1]
