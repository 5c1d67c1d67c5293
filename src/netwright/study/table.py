"""A study as a table, for the terminal and for notebooks and pages."""

from collections.abc import Iterable
from html import escape
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from netwright.study.verdict import over_seeds

if TYPE_CHECKING:
    from netwright.study.result import Arm, Study

WIDTH = 110


def heads(study: "Study") -> tuple[str, ...]:
    """Return the heads of the columns: the names, then the numbers."""
    return (*names(study), *numbers(study))


def names(study: "Study") -> tuple[str, ...]:
    """Return what an arm is called by; the recipe has a column where there are several."""
    return ("design",) if len(study.recipes) == 1 else ("design", "recipe")


def numbers(study: "Study") -> tuple[str, ...]:
    """Return the heads of the columns of numbers."""
    label = study.task.scale.label
    return ("parameters", "MACs", f"train {label}", f"test {label}", "seconds")


def footer(study: "Study") -> str:
    """Say what the numbers of the table are."""
    return (
        f"{study.task.scale.heading}, mean ± deviation over seeds, at the end of training (nothing is chosen "
        "on the test split); seconds: one run"
    )


def baseline(study: "Study") -> str:
    """Return the trivial answer and its metrics on the test split; nothing where it has none."""
    return study.task.baseline.text(study.task.measures)


def cells(study: "Study", arm: "Arm") -> tuple[str, ...]:
    """Return the row of an arm as text, in the order of `heads`."""
    design = study.design(arm)
    return (
        *called(study, arm),
        "-" if design.params is None else f"{design.params:,}",
        "-" if design.macs is None else engineering(design.macs),
        over_seeds(study.spread(arm, "train"), study.task.scale),
        over_seeds(study.spread(arm, "test"), study.task.scale),
        "-" if arm.seconds is None else f"{arm.seconds:.1f}",
    )


def called(study: "Study", arm: "Arm") -> tuple[str, ...]:
    """Return the cells in the columns of `names`."""
    return (arm.design,) if len(study.recipes) == 1 else (arm.design, arm.recipe)


def failures(study: "Study") -> list[str]:
    """Return why runs failed, a line for each arm and reason."""
    return [
        f"{study.label(arm.design, arm.recipe)} failed: {reason}"
        for arm in study.arms
        for reason in arm.failures
    ]


def table(study: "Study") -> Group:
    """Return the table of the arms, why runs failed, and the verdicts."""
    grid = Table(box=None, pad_edge=False)
    for head in heads(study):
        number = head not in names(study)
        grid.add_column(head, justify="right" if number else "left", no_wrap=number, overflow="fold")
    for arm in study.arms:
        grid.add_row(*map(Text, cells(study, arm)))
    failed = [Text(line, "red") for line in failures(study)]
    verdicts = [Text(f"• {verdict.text}") for verdict in study.verdicts]
    space = [Text()] if verdicts else []
    below = [Text(line, "dim") for line in (footer(study), baseline(study)) if line]
    return Group(grid, *below, *failed, *space, *verdicts)


def text(study: "Study") -> str:
    """Return the table as plain text of a fixed width."""
    stream = StringIO()
    Console(file=stream, width=WIDTH, color_system=None).print(table(study))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def html(study: "Study") -> str:
    """Return the outcome, the table and the verdicts as a part of a page, for a notebook."""
    return "\n".join(
        [
            f"<p><b>{escape(study.headline)}</b></p>",
            html_table(heads(study), [cells(study, arm) for arm in study.arms]),
            *(f"<p>{escape(line)}</p>" for line in (footer(study), baseline(study)) if line),
            html_list(failures(study)),
            html_list(verdict.text for verdict in study.verdicts),
        ]
    )


def html_table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of escaped texts."""
    lines = [_row("th", heads), "</thead>", "<tbody>", *(_row("td", row) for row in rows), "</tbody>"]
    return "\n".join(["<table>", "<thead>", *lines, "</table>"])


def html_list(texts: Iterable[str], style: str = "") -> str:
    """Return a list of escaped texts, of the CSS class `style`; nothing if there are no texts."""
    items = "\n".join(f"<li>{escape(text)}</li>" for text in texts)
    return f'<ul class="{style}">\n{items}\n</ul>' if items else ""


def _row(tag: str, texts: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts) + "</tr>"


def engineering(count: int) -> str:
    """Write a count with the letter of its thousands.

    >>> engineering(753_984), engineering(40_551_040), engineering(11_513_000_000), engineering(900)
    ('754 k', '40.6 M', '11.5 G', '900')
    """
    for letter, unit in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= unit:
            return f"{count / unit:.3g} {letter}" if count / unit < 999.5 else f"{count / unit:.0f} {letter}"
    return str(count)
