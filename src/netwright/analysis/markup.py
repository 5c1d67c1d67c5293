"""The table of a summary as Markdown and as HTML."""

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from netwright.analysis.explain import explain
from netwright.analysis.table import DEFAULT, DEPTH, foot, grid

if TYPE_CHECKING:
    from netwright.analysis.summary import Summary

_RIGHT = {"parameters", "trainable", "MACs", "FLOPs", "backward", "kept"}


def markdown(summary: "Summary", names: Iterable[str] = DEFAULT, depth: int | None = DEPTH) -> str:
    """A table as GitHub writes it, totals below; the tree is kept by fixed spaces."""
    header, cells = grid(summary, names, depth)
    rows = [[_cell(cell) for cell in row] for row in cells]
    rule = ["---:" if name in _RIGHT else "---" for name in header]
    table = [f"| {' | '.join(row)} |" for row in (header, rule, *rows)]
    return "\n".join([*table, "", *(f"- {line}" for line in _below(summary, depth))])


def _cell(text: str) -> str:
    indent = len(text) - len(text.lstrip())
    return "&nbsp;" * indent + text.lstrip().replace("|", "\\|")


def html(summary: "Summary", names: Iterable[str] = DEFAULT, depth: int | None = DEPTH) -> str:
    """A table without style of its own but alignment, so that it fits a page light or dark."""
    header, cells = grid(summary, names, depth)
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{_tds(header, row)}</tr>" for row in cells)
    below = "".join(f"<div>{escape(line)}</div>" for line in _below(summary, depth))
    return f'<div class="netwright-summary"><table><tr>{head}</tr>{body}</table>{below}</div>'


def _tds(header: list[str], row: list[str]) -> str:
    found = []
    for name, cell in zip(header, row, strict=True):
        side = "right" if name in _RIGHT else "left"
        found.append(f'<td style="text-align:{side};white-space:pre">{escape(cell)}</td>')
    return "".join(found)


def _below(summary: "Summary", depth: int | None) -> list[str]:
    explanation = explain(summary.graph)
    return [*foot(summary, depth), *(str(explanation).splitlines() if explanation else [])]
