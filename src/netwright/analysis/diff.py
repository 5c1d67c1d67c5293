"""Two designs compared row by row: what was added, removed or changed, and the ratios of the totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from netwright.analysis.facts import Facts
from netwright.analysis.tree import Row
from netwright.analysis.words import number, shapes

Change = Literal["same", "changed", "added", "removed"]
_FACTS = ("kind", "outputs", "params", "macs", "saved")


@dataclass(frozen=True)
class Pair:
    """Two rows that correspond, one of each design; one is None where a row was added or removed."""

    change: Change
    before: Row | None
    after: Row | None

    @property
    def path(self) -> str:
        """The path in the second design, or in the first where the row was removed."""
        row = self.after or self.before
        assert row is not None
        return row.path


@dataclass(frozen=True)
class Diff:
    """The facts of two designs, and their rows in pairs."""

    before: Facts
    after: Facts
    pairs: tuple[Pair, ...]

    @property
    def ratios(self) -> dict[str, float | None]:
        """The totals of the second design divided by those of the first; None where the first is zero."""
        totals = {name: (getattr(self.before, name), getattr(self.after, name)) for name in TOTALS}
        return {name: after / before if before else None for name, (before, after) in totals.items()}

    def document(self) -> dict[str, Any]:
        """Return plain values: the totals of both designs, their ratios, and every pair that differs."""
        return {
            "schema": "netwright.diff/2",
            "before": {"name": self.before.name, **{name: getattr(self.before, name) for name in TOTALS}},
            "after": {"name": self.after.name, **{name: getattr(self.after, name) for name in TOTALS}},
            "ratios": self.ratios,
            "changes": [
                {"path": p.path, "change": p.change, "before": _plain(p.before), "after": _plain(p.after)}
                for p in self.pairs
                if p.change != "same"
            ],
        }


TOTALS = ("params", "macs", "backward_macs", "saved_bytes")


def diff(before: Facts, after: Facts) -> Diff:
    """Match two designs row by row.

    Rows are matched by name, and rows whose names are numbers by what they are, in order. A block that is
    inserted into a sequence therefore does not change the blocks after it.
    """
    return Diff(before, after, tuple(_pairs([before.tree], [after.tree])))


def _pairs(before: Sequence[Row], after: Sequence[Row]) -> list[Pair]:
    """Match siblings in order, and then the rows under those that match."""
    pairs: list[Pair] = []
    matcher = SequenceMatcher(None, [_key(r) for r in before], [_key(r) for r in after], autojunk=False)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal" or (tag == "replace" and i_end - i == j_end - j):
            for old, new in zip(before[i:i_end], after[j:j_end], strict=True):
                pairs.append(Pair("same" if _facts(old) == _facts(new) else "changed", old, new))
                pairs += _pairs(old.children, new.children)
        else:
            pairs += [Pair("removed", row, None) for row in before[i:i_end]]
            pairs += [Pair("added", None, row) for row in after[j:j_end]]
    return pairs


def _key(row: Row) -> tuple[object, ...]:
    """Return what matching rows share: the kind and size where their names are numbers, else the name."""
    if row.depth == 0:
        return ()
    return (row.kind, row.outputs, row.params) if row.name.isdigit() else (row.name,)


def _facts(row: Row) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _FACTS)


def _plain(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "path": row.path,
        "kind": row.kind,
        "outputs": [list(shape) for shape in row.outputs],
        "params": row.params,
        "macs": row.macs,
        "saved_bytes": row.saved,
    }


def grid(comparison: Diff, *, all: bool = False) -> tuple[list[str], list[list[str]]]:
    """Return the header and the cells of a table of the pairs that differ, or with `all` of every pair."""
    header = ["", "layer", "operation", "output", "parameters", "MACs"]
    marks = {"same": " ", "changed": "~", "added": "+", "removed": "-"}
    cells = [
        [
            marks[pair.change],
            "  " * _depth(pair) + (pair.path or "network"),
            _both(pair, lambda row: row.kind),
            _both(pair, lambda row: shapes(row.outputs)),
            _both(pair, lambda row: number(row.params)),
            _both(pair, lambda row: number(row.macs)),
        ]
        for pair in comparison.pairs
        if all or pair.change != "same"
    ]
    return header, cells


def _depth(pair: Pair) -> int:
    row = pair.after or pair.before
    assert row is not None
    return row.depth


def _both(pair: Pair, fact: Any) -> str:
    """Return one value, or two with an arrow between them where they differ."""
    values = [fact(row) for row in (pair.before, pair.after) if row is not None]
    return values[0] if len(set(values)) == 1 else " → ".join(values)


def footer(comparison: Diff) -> list[str]:
    """Return the lines below the table: the totals of both designs, their ratios, and the changes."""
    names = dict(zip(TOTALS, ("parameters", "MACs", "backward", "saved bytes"), strict=True))
    lines = []
    for name, ratio in comparison.ratios.items():
        before, after = getattr(comparison.before, name), getattr(comparison.after, name)
        times = "" if ratio is None else f"   ×{ratio:.3g}"
        lines.append(f"{names[name]:<12} {number(before)} → {number(after)}{times}")
    kinds = ("added", "removed", "changed")
    counts = {kind: sum(pair.change == kind for pair in comparison.pairs) for kind in kinds}
    return [*lines, "rows         " + ", ".join(f"{count} {kind}" for kind, count in counts.items())]
