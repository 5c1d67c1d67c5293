"""Rows as they are shown: down to a depth, with equal blocks in a row collapsed into one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from netwright.analysis.tree import Row


@dataclass(frozen=True)
class RowGroup:
    """Equal rows that are shown as one: the first, the last, and how many there are."""

    row: Row
    last: Row
    count: int = 1

    @property
    def label(self) -> str:
        """The name of the row, as `conv1`, or of the group, as `layer2.1 … layer2.7  ×7`."""
        if self.count == 1:
            return self.row.name
        return f"{self.row.name} … {self.last.name}  ×{self.count}"


def collapse(row: Row, depth: int | None = None) -> Iterator[RowGroup]:
    """Yield a row and those under it in order, equal ones as a group.

    Args:
        row: the row to start from, usually that of the whole network.
        depth: levels of the tree to show; None shows all.
    """
    yield from _groups([row], depth)


def _groups(rows: Sequence[Row], depth: int | None) -> Iterator[RowGroup]:
    for _, equal in groupby(rows, key=_identity):
        group = list(equal)
        yield RowGroup(group[0], group[-1], len(group))
        if depth is None or group[0].depth < depth:
            yield from _groups(group[0].children, depth)


def _identity(row: Row) -> tuple[object, ...]:
    """Return what rows of one group share; operations, aliased and uncalled modules are always alone."""
    alone = row.module is None or not row.calls or bool(row.aliases)
    return (id(row),) if alone else _facts(row)


def _facts(row: Row) -> tuple[object, ...]:
    """Return all that equal blocks have in common, which is everything but their own names."""
    own = (row.kind, row.op, row.inputs, row.outputs, row.params, row.trainable, row.macs, row.backward_macs)
    return (*own, row.saved, row.calls, *((child.name, *_facts(child)) for child in row.children))
