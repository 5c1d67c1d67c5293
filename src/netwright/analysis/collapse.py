"""Rows as they are shown: down to a depth, equal blocks in a row folded into one line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from netwright.analysis.tree import Row


@dataclass(frozen=True)
class Line:
    """One line of a table: the first of `count` equal rows, and the last of them."""

    row: Row
    last: Row
    count: int = 1

    @property
    def label(self) -> str:
        """`conv1`, or `layer2.1 … layer2.7  ×7`."""
        if self.count == 1:
            return self.row.name
        return f"{self.row.name} … {self.last.name}  ×{self.count}"


def lines(row: Row, depth: int | None = None) -> Iterator[Line]:
    """The network's row, and what is under it down to `depth`, in order."""
    yield from _lines([row], depth)


def _lines(rows: Sequence[Row], depth: int | None) -> Iterator[Line]:
    for _, equal in groupby(rows, key=_group):
        run = list(equal)
        yield Line(run[0], run[-1], len(run))
        if depth is None or run[0].depth < depth:
            yield from _lines(run[0].children, depth)


def _group(row: Row) -> tuple[object, ...]:
    """Equal for rows that fold; operations, aliased modules and those that never ran stand alone."""
    alone = row.module is None or not row.calls or bool(row.aliases)
    return (id(row),) if alone else _facts(row)


def _facts(row: Row) -> tuple[object, ...]:
    """What equal blocks have in common: all but their names."""
    own = (row.kind, row.op, row.inputs, row.outputs, row.params, row.trainable, row.macs, row.backward_macs)
    return (*own, row.saved, row.calls, *((child.name, *_facts(child)) for child in row.children))
