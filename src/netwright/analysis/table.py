"""The table of a summary: a tree of modules and operations, totals, and what dominates."""

from collections.abc import Callable, Iterable

from rich.table import Table
from rich.text import Text

from netwright.analysis.explain import explain
from netwright.analysis.fold import Line, lines
from netwright.analysis.summary import Summary
from netwright.analysis.tree import Row, Shape
from netwright.arithmetic.shape import show
from netwright.errors import UsageError

Cell = Callable[[Summary, Line], str]
DEPTH = 3
"""How deep a table goes unless asked."""

COLUMNS: dict[str, Cell] = {
    "operation": lambda summary, line: _operation(line.row),
    "input": lambda summary, line: shapes(line.row.inputs),
    "output": lambda summary, line: shapes(line.row.outputs),
    "parameters": lambda summary, line: number(line.row.params),
    "trainable": lambda summary, line: number(line.row.trainable),
    "MACs": lambda summary, line: _counted(line.row, line.row.macs),
    "FLOPs": lambda summary, line: _counted(line.row, 2 * line.row.macs),
    "backward": lambda summary, line: _counted(line.row, line.row.backward_macs),
    "kept": lambda summary, line: size(line.row.kept) if line.row.kept else "",
    "sees": lambda summary, line: summary.sees(line.last),
    "line": lambda summary, line: str(line.row.built or line.row.called or ""),
}
"""Columns by name: what each shows of a line."""

DEFAULT = ("operation", "output", "parameters", "MACs", "kept", "sees")
_TEXTS = {"operation", "input", "output", "line", "sees"}


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
    summary: Summary, names: Iterable[str] = DEFAULT, depth: int | None = DEPTH
) -> tuple[list[str], list[list[str]]]:
    """Header and cells; the first column is the tree."""
    chosen = columns(names)
    cells = [
        [
            "  " * line.row.depth + (line.label or summary.name),
            *(COLUMNS[name](summary, line) for name in chosen),
        ]
        for line in lines(summary.tree, depth)
    ]
    return ["layer", *chosen], cells


def table(summary: Summary, names: Iterable[str] = DEFAULT, depth: int | None = DEPTH) -> Table:
    """The table for a terminal."""
    header, cells = grid(summary, names, depth)
    found = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        left = name == "layer" or name in _TEXTS
        found.add_column(name, justify="left" if left else "right", no_wrap=True)
    for row in cells:
        found.add_row(*(Text(cell) for cell in row))
    return found


def text(summary: Summary, names: Iterable[str] = DEFAULT, depth: int | None = DEPTH) -> str:
    """Table and foot as plain text, as wide as they need."""
    header, cells = grid(summary, names, depth)
    explanation = explain(summary.graph)
    failed = ["", "The forward pass fails.", str(explanation)] if explanation else []
    return "\n".join([*aligned(header, cells), "", *foot(summary, depth), *failed])


def aligned(header: list[str], cells: list[list[str]]) -> list[str]:
    """Lines of a table without rules: text to the left, numbers to the right."""
    rows = [header, *cells]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = [name in COLUMNS and name not in _TEXTS for name in header]
    found = []
    for row in rows:
        parts = zip(row, widths, right, strict=True)
        found.append("  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in parts).rstrip())
    return found


def foot(summary: Summary, depth: int | None = DEPTH) -> list[str]:
    """Totals, what dominates, and what the reader must know."""
    count, graph = summary.parameters, summary.graph
    found = [
        f"parameters   {number(count.total)}, {number(count.trainable)} trainable, {size(count.bytes)}",
        f"MACs         {number(summary.macs)} forward, {number(summary.backward_macs)} backward, an example "
        f"({number(summary.flops)} FLOPs forward)",
        f"kept         {size(summary.activation_bytes)} for the backward pass of {_examples(graph.batch)}",
    ]
    found += [f"most {what:<8}{line}" for what, line in _dominating(summary)]
    if any(line.count > 1 for line in lines(summary.tree, depth)):
        found.append("×n stands for n equal blocks: the figures are those of one, `sees` that of the last")
    if summary.uncounted:
        found.append(f"not counted  {', '.join(summary.uncounted)}: they may cost MACs and have no rule")
    mode = {"meta": "without data", "fake": "with fake tensors", "real": "by a real run on the CPU"}[
        graph.mode
    ]
    found.append(f"recorded     {mode}, in {'training' if graph.training else 'evaluation'} mode")
    return [*found, *(f"note         {note}" for note in (*graph.notes, *summary.remarks))]


def _dominating(summary: Summary) -> list[tuple[str, str]]:
    """Where most of each is: the smallest row with half of it, or the three largest."""
    facts: dict[str, Callable[[Row], int]] = {
        "weights": lambda row: row.params,
        "MACs": lambda row: row.macs,
        "memory": lambda row: row.kept,
    }
    found = [(what, _most(summary.tree, fact)) for what, fact in facts.items()]
    return [(what, where) for what, where in found if where]


def _most(whole: Row, fact: Callable[[Row], int]) -> str:
    total, row = fact(whole), whole
    while row.children:
        largest = max(row.children, key=fact)
        if not total or 2 * fact(largest) < total:
            break
        row = largest
    top = [row] if row.depth else sorted(row.children, key=fact, reverse=True)[:3]
    return ", ".join(f"{r.path.lstrip(':')} {100 * fact(r) / total:.0f} %" for r in top if total and fact(r))


def _operation(row: Row) -> str:
    calls = f"  {row.calls} calls" if row.calls > 1 else ""
    others = [alias.rpartition(".")[2] for alias in row.aliases]
    also = ", ".join(other for other in others if other != row.name)
    idle = "" if any(inner.calls for inner in row.all) else "  not called"
    return row.kind + idle + calls + (f"  also {also}" if also else "")


def _counted(row: Row, value: int) -> str:
    """A count, with a plus where something in it is not counted."""
    return (number(value) if value else "") + ("+?" if row.uncounted else "")


def _examples(batch: int) -> str:
    return "one example" if batch == 1 else f"{batch} examples"


def shapes(found: tuple[Shape, ...]) -> str:
    """The first two shapes, and how many more.

    >>> shapes(((3, 32, 32), (10,), ()))
    '3x32x32, 10, …1 more'
    """
    shown = [show(shape) or "scalar" for shape in found[:2]]
    return ", ".join([*shown, *([f"…{len(found) - 2} more"] if len(found) > 2 else [])])


def number(value: int) -> str:
    """A count with its thousands apart; nothing for zero.

    >>> number(1234567), number(0)
    ('1,234,567', '0')
    """
    return f"{value:,}"


def size(count: int) -> str:
    """Bytes for people, in powers of 1024.

    >>> size(512), size(3 * 2**20), size(5 * 2**29)
    ('512 B', '3.0 MiB', '2.5 GiB')
    """
    value, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"
