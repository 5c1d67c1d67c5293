"""The table of a summary as Markdown and as HTML."""

from collections.abc import Iterable
from html import escape

from netwright.analysis.explain import explain
from netwright.analysis.facts import Facts
from netwright.analysis.footer import LABEL, footer
from netwright.analysis.table import DEFAULT, DEPTH, NUMBERS, grid


def markdown(facts: Facts, names: Iterable[str] = DEFAULT, depth: int | None = DEPTH) -> str:
    """Return the table as GitHub-flavoured Markdown, with the footer as a list below it.

    The tree is indented by non-breaking spaces.
    """
    header, cells = grid(facts, names, depth)
    rows = [[_cell(cell) for cell in row] for row in cells]
    alignment = ["---:" if name in NUMBERS else "---" for name in header]
    table = [f"| {' | '.join(row)} |" for row in (header, alignment, *rows)]
    below = [f"- **{label}** {rest}" for label, rest in _below(facts, depth)]
    return "\n".join([*table, "", *below, *(f"- {line}" for line in _failed(facts))])


def _cell(text: str) -> str:
    indent = len(text) - len(text.lstrip())
    return "&nbsp;" * indent + text.lstrip().replace("|", "\\|")


def html(facts: Facts, names: Iterable[str] = DEFAULT, depth: int | None = DEPTH) -> str:
    """Return the table and its footer as HTML tables.

    They set alignment and spacing only, so that they look right on a light page and on a dark one.
    """
    header, cells = grid(facts, names, depth)
    head = _tr("th", header, header)
    body = "".join(_tr("td", header, row) for row in cells)
    below = "".join(_tr("td", ["", ""], [label, rest]) for label, rest in _below(facts, depth))
    failed = "".join(f"<div>{escape(line)}</div>" for line in _failed(facts))
    tables = f"<table>{head}{body}</table><table>{below}</table>"
    return f'<div class="netwright-summary">{tables}{failed}</div>'


def _tr(tag: str, header: list[str], row: list[str]) -> str:
    cells = []
    for name, cell in zip(header, row, strict=True):
        side = "right" if name in NUMBERS else "left"
        space = "pre" if name else "normal"
        style = f"text-align:{side};white-space:{space};padding:0 1em 0 0;vertical-align:top"
        cells.append(f'<{tag} style="{style}">{escape(cell)}</{tag}>')
    return f"<tr>{''.join(cells)}</tr>"


def _below(facts: Facts, depth: int | None) -> list[tuple[str, str]]:
    """Return each line of the footer as its label and the rest."""
    return [(line[:LABEL].strip(), line[LABEL:]) for line in footer(facts, depth)]


def _failed(facts: Facts) -> list[str]:
    explanation = explain(facts.graph)
    return str(explanation).splitlines() if explanation else []
