"""The table of a summary: a tree of modules and operations, totals, and what dominates."""

from collections.abc import Callable, Iterable, Sequence
from textwrap import wrap

from netwright.analysis.collapse import Line, lines
from netwright.analysis.explain import explain
from netwright.analysis.footer import LABEL, STRICT, foot
from netwright.analysis.summary import Summary
from netwright.analysis.tree import Row
from netwright.analysis.words import number, shapes, short, size
from netwright.errors import UsageError

Counted = Callable[[int], str]
Cell = Callable[[Summary, Line, Counted], str]
DEPTH = 3
"""How deep a table goes unless asked."""

COLUMNS: dict[str, Cell] = {
    "operation": lambda summary, line, count: _operation(line.row),
    "input": lambda summary, line, count: shapes(line.row.inputs),
    "output": lambda summary, line, count: shapes(line.row.outputs),
    "parameters": lambda summary, line, count: count(line.row.params),
    "trainable": lambda summary, line, count: count(line.row.trainable),
    "MACs": lambda summary, line, count: _counted(line.row, line.row.macs, count),
    "FLOPs": lambda summary, line, count: _counted(line.row, 2 * line.row.macs, count),
    "backward": lambda summary, line, count: _counted(line.row, line.row.backward_macs, count),
    "saved": lambda summary, line, count: _saved(line.row),
    "sees": lambda summary, line, count: _sees(summary, line.last),
    "norms": lambda summary, line, count: summary.sees_with_norms(line.last),
    "line": lambda summary, line, count: str(line.row.built or line.row.called or ""),
}
"""Columns by name: what each shows of a line; counts are written by the function given."""

DEFAULT = ("operation", "output", "parameters", "MACs", "saved", "sees")
_TEXTS = {"operation", "input", "output", "line", "sees", "norms"}
_SPARED = ("saved", "operation", "parameters")
"""What a narrow terminal does without, first to last."""
_BRIEF = {"parameters": "params"}


def columns(names: Iterable[str]) -> tuple[str, ...]:
    """Known column names, however they are capitalised.

    >>> columns(["macs", "Output"])
    ('MACs', 'output')
    """
    known = {name.lower(): name for name in COLUMNS}
    wrong = [name for name in names if name.strip().lower() not in known]
    if wrong:
        raise UsageError(f"there is no column `{wrong[0]}`; the columns are {', '.join(COLUMNS)}.")
    return tuple(known[name.strip().lower()] for name in names)


def grid(
    summary: Summary,
    names: Iterable[str] = DEFAULT,
    depth: int | None = DEPTH,
    count: Counted = number,
) -> tuple[list[str], list[list[str]]]:
    """Header and cells; the first column is the tree."""
    chosen = columns(names)
    cells = [
        [
            "  " * line.row.depth + (line.label or summary.name),
            *(COLUMNS[name](summary, line, count) for name in chosen),
        ]
        for line in lines(summary.tree, depth)
    ]
    return ["layer", *chosen], cells


def text(
    summary: Summary, names: Sequence[str] | None = None, depth: int | None = DEPTH, width: int | None = None
) -> str:
    """Table and foot as plain text.

    Args:
        summary: the facts.
        names: columns, all of them shown; None shows the usual ones that fit.
        depth: levels of the tree; None shows all.
        width: of the terminal; None gives every line the room it needs.
    """
    table, missing = _fitting(summary, names, depth, width)
    explanation = explain(summary.graph)
    failed = ["", "The forward pass fails.", str(explanation)] if explanation else []
    below = [*foot(summary, depth), *missing]
    if width is not None:
        below = [part for line in below for part in wrap(line, width, subsequent_indent=" " * LABEL)]
    return "\n".join([*table, "", *below, *failed])


def _fitting(
    summary: Summary, names: Sequence[str] | None, depth: int | None, width: int | None
) -> tuple[list[str], list[str]]:
    """The lines of the table in a width, and what was done to make them fit: counts to three digits, first.

    Columns that were asked for by name stay, however wide the table is.
    """
    chosen = columns(DEFAULT if names is None else names)
    table = aligned(*grid(summary, chosen, depth))
    if width is None or _width(table) <= width:
        return table, []
    spared: list[str] = []
    header, cells = grid(summary, chosen, depth, short)
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
    """Lines of a table without rules: text to the left, numbers to the right."""
    rows = [header, *cells]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = [name in {*COLUMNS, *_BRIEF.values()} - _TEXTS for name in header]
    found = []
    for row in rows:
        parts = zip(row, widths, right, strict=True)
        found.append("  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in parts).rstrip())
    return found


def _operation(row: Row) -> str:
    calls = f"  {row.calls} calls" if row.calls > 1 else ""
    others = [alias.rpartition(".")[2] for alias in row.aliases]
    also = ", ".join(other for other in others if other != row.name)
    idle = "" if any(inner.calls for inner in row.all) else "  not called"
    return row.kind + idle + calls + (f"  also {also}" if also else "")


def _counted(row: Row, value: int, count: Counted) -> str:
    """A count, with a plus where something in it is not counted."""
    return (count(value) if value else "") + ("+?" if row.uncounted else "")


def _saved(row: Row) -> str:
    """Bytes, marked where another kernel may keep others."""
    return ("~ " if row.inexact else "") + (size(row.saved) if row.saved else "")


def _sees(summary: Summary, row: Row) -> str:
    """The receptive field, marked where it is larger with the statistics of norms."""
    return summary.sees(row) + (f" {STRICT}" if summary.sees_with_norms(row) else "")
