"""The table of a summary as plain text: a tree of modules and operations, with the footer below it."""

from collections.abc import Callable, Iterable, Sequence
from textwrap import wrap

from netwright.analysis.collapse import RowGroup, collapse
from netwright.analysis.explain import explain
from netwright.analysis.facts import Facts
from netwright.analysis.footer import LABEL, STRICT, footer
from netwright.analysis.tree import Row
from netwright.analysis.words import number, shapes, short, size
from netwright.errors import UsageError

CountFormat = Callable[[int], str]
Cell = Callable[[Facts, RowGroup, CountFormat], str]
DEPTH = 3
"""How many levels of the tree a table shows by default."""

COLUMNS: dict[str, Cell] = {
    "operation": lambda facts, group, count: _operation(group.row),
    "input": lambda facts, group, count: shapes(group.row.inputs),
    "output": lambda facts, group, count: shapes(group.row.outputs),
    "parameters": lambda facts, group, count: count(group.row.params),
    "trainable": lambda facts, group, count: count(group.row.trainable),
    "MACs": lambda facts, group, count: _macs(group.row, group.row.macs, count),
    "FLOPs": lambda facts, group, count: _macs(group.row, 2 * group.row.macs, count),
    "backward": lambda facts, group, count: _macs(group.row, group.row.backward_macs, count),
    "saved": lambda facts, group, count: _saved(group.row),
    "sees": lambda facts, group, count: _sees(facts, group.last),
    "norms": lambda facts, group, count: facts.sees_with_norms(group.last),
    "line": lambda facts, group, count: str(group.row.built or group.row.called or ""),
}
"""The columns by name: what each shows of a group of rows, with its counts in the given format."""

DEFAULT = ("operation", "output", "parameters", "MACs", "saved", "sees")
NUMBERS = frozenset({"parameters", "trainable", "MACs", "FLOPs", "backward", "saved"})
"""The columns that are aligned to the right."""
_SPARED = ("saved", "operation", "parameters")
"""The columns that a narrow terminal leaves out, in this order."""
_BRIEF = {"parameters": "params"}


def columns(names: Iterable[str]) -> tuple[str, ...]:
    """Return the known column names, however they are capitalised.

    >>> columns(["macs", "Output"])
    ('MACs', 'output')
    """
    known = {name.lower(): name for name in COLUMNS}
    wrong = [name for name in names if name.strip().lower() not in known]
    if wrong:
        raise UsageError(f"there is no column `{wrong[0]}`; the columns are {', '.join(COLUMNS)}.")
    return tuple(known[name.strip().lower()] for name in names)


def grid(
    facts: Facts,
    names: Iterable[str] = DEFAULT,
    depth: int | None = DEPTH,
    count: CountFormat = number,
) -> tuple[list[str], list[list[str]]]:
    """Return the header and the cells of a table whose first column is the tree."""
    chosen = columns(names)
    cells = [
        [
            "  " * group.row.depth + (group.label or facts.name),
            *(COLUMNS[name](facts, group, count) for name in chosen),
        ]
        for group in collapse(facts.tree, depth)
    ]
    return ["layer", *chosen], cells


def text(
    facts: Facts, names: Sequence[str] | None = None, depth: int | None = DEPTH, width: int | None = None
) -> str:
    """Return the table and its footer as plain text.

    Args:
        facts: what is shown.
        names: columns, all of which are shown; None shows those of the default columns that fit.
        depth: levels of the tree; None shows all.
        width: columns of the terminal; None gives every line the room it needs.
    """
    table, missing = _fitting(facts, names, depth, width)
    explanation = explain(facts.graph)
    failed = ["", "The forward pass fails.", str(explanation)] if explanation else []
    below = [*footer(facts, depth), *missing]
    if width is not None:
        below = [part for line in below for part in wrap(line, width, subsequent_indent=" " * LABEL)]
    return "\n".join([*table, "", *below, *failed])


def _fitting(
    facts: Facts, names: Sequence[str] | None, depth: int | None, width: int | None
) -> tuple[list[str], list[str]]:
    """Return the lines of a table that fits a width, and a line that says what was shortened.

    Counts are shortened to three digits first, then columns are left out. Columns that were asked for by name
    stay, however wide the table is.
    """
    chosen = columns(DEFAULT if names is None else names)
    table = aligned(*grid(facts, chosen, depth))
    if width is None or _width(table) <= width:
        return table, []
    spared: list[str] = []
    header, cells = grid(facts, chosen, depth, short)
    header = [_BRIEF.get(name, name) for name in header]
    table = aligned(header, cells)
    for name in _SPARED if names is None else ():
        if _width(table) <= width:
            break
        spared.append(name)
        place = header.index(_BRIEF.get(name, name))
        header, *cells = ([*row[:place], *row[place + 1 :]] for row in (header, *cells))
        table = aligned(header, cells)
    left = f", without {', '.join(spared)}" if spared else ""
    return table, [f"{width} columns   counts to three digits{left}"]


def _width(table: list[str]) -> int:
    return max(map(len, table))


def aligned(header: list[str], cells: list[list[str]]) -> list[str]:
    """Return the lines of a table without rules, with text aligned to the left and numbers to the right."""
    rows = [header, *cells]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = [name in {*NUMBERS, *_BRIEF.values()} for name in header]
    lines = []
    for row in rows:
        parts = zip(row, widths, right, strict=True)
        lines.append("  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in parts).rstrip())
    return lines


def _operation(row: Row) -> str:
    calls = f"  {row.calls} calls" if row.calls > 1 else ""
    others = [alias.rpartition(".")[2] for alias in row.aliases]
    also = ", ".join(other for other in others if other != row.name)
    idle = "" if any(inner.calls for inner in row.all) else "  not called"
    return row.kind + idle + calls + (f"  also {also}" if also else "")


def _macs(row: Row, value: int, count: CountFormat) -> str:
    """Return a count, with a mark where something in the row is not counted."""
    return (count(value) if value else "") + ("+?" if row.uncounted else "")


def _saved(row: Row) -> str:
    """Return the bytes saved, with a mark where another kernel may save others."""
    return ("~ " if row.inexact else "") + (size(row.saved) if row.saved else "")


def _sees(facts: Facts, row: Row) -> str:
    """Return the receptive field, with a mark where it is larger with the statistics of norms."""
    return facts.sees(row) + (f" {STRICT}" if facts.sees_with_norms(row) else "")
