"""The table of a summary as Markdown and as HTML."""

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from netwright.analysis.explain import explain
from netwright.analysis.footer import LABEL, foot
from netwright.analysis.table import DEFAULT, DEPTH, grid

if TYPE_CHECKING:
    from netwright.analysis.summary import Summary

_RIGHT = {"parameters", "trainable", "MACs", "FLOPs", "backward", "saved"}


def markdown(summary: "Summary", names: Iterable[str] = DEFAULT, depth: int | None = DEPTH) -> str:
    """A table as GitHub writes it, totals below; the tree is kept by fixed spaces."""
    header, cells = grid(summary, names, depth)
    rows = [[_cell(cell) for cell in row] for row in cells]
    rule = ["---:" if name in _RIGHT else "---" for name in header]
    table = [f"| {' | '.join(row)} |" for row in (header, rule, *rows)]
    below = [f"- **{label}** {rest}" for label, rest in _below(summary, depth)]
    return "\n".join([*table, "", *below, *(f"- {line}" for line in _failed(summary))])


def _cell(text: str) -> str:
    indent = len(text) - len(text.lstrip())
    return "&nbsp;" * indent + text.lstrip().replace("|", "\\|")


def html(summary: "Summary", names: Iterable[str] = DEFAULT, depth: int | None = DEPTH) -> str:
    """Tables without style of their own but alignment, so that they fit a page light or dark."""
    header, cells = grid(summary, names, depth)
    head = _tr("th", header, header)
    body = "".join(_tr("td", header, row) for row in cells)
    below = "".join(_tr("td", ["", ""], [label, rest]) for label, rest in _below(summary, depth))
    failed = "".join(f"<div>{escape(line)}</div>" for line in _failed(summary))
    tables = f"<table>{head}{body}</table><table>{below}</table>"
    return f'<div class="netwright-summary">{tables}{failed}</div>'


def _tr(tag: str, header: list[str], row: list[str]) -> str:
    found = []
    for name, cell in zip(header, row, strict=True):
        side = "right" if name in _RIGHT else "left"
        space = "pre" if name else "normal"
        style = f"text-align:{side};white-space:{space};padding:0 1em 0 0;vertical-align:top"
        found.append(f'<{tag} style="{style}">{escape(cell)}</{tag}>')
    return f"<tr>{''.join(found)}</tr>"


def _below(summary: "Summary", depth: int | None) -> list[tuple[str, str]]:
    """The lines below, each parted into its label and the rest."""
    return [(line[:LABEL].strip(), line[LABEL:]) for line in foot(summary, depth)]


def _failed(summary: "Summary") -> list[str]:
    explanation = explain(summary.graph)
    return str(explanation).splitlines() if explanation else []
