"""What commands that report findings share: which rules run, in which form, and printing."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

from netwright.cli.options import Json

if TYPE_CHECKING:
    from netwright.lint.finding import Finding
    from netwright.lint.session import Outcome

Codes = Annotated[tuple[str, ...], Parameter(consume_multiple=False)]
Flag = Parameter(negative="")


@Parameter(name="*")
@dataclass(frozen=True)
class Choice:
    """The rules that run, and the findings that are already accepted."""

    select: Codes = ()
    "Codes or prefixes of the rules to run (NW3, NW301, ALL); repeat the option or separate codes by commas."
    ignore: Codes = ()
    "Codes or prefixes of the rules to leave out; with --data also values of masks that count for nothing."
    baseline: Path | None = None
    "Report only findings that are not in this baseline."
    write_baseline: Path | None = None
    "Accept all present findings: write them to this file."


@Parameter(name="*")
@dataclass(frozen=True)
class View:
    """The form in which findings are shown."""

    format: Literal["text", "json", "sarif", "github"] = "text"
    "The format of the findings."
    json: Json = False
    statistics: Annotated[bool, Flag] = False
    "Print the number of findings of each rule instead."
    watch: Annotated[bool, Flag] = False
    "Check again whenever a file is saved, until Ctrl-C."

    @property
    def form(self) -> str:
        """The format, or `statistics`."""
        return "statistics" if self.statistics else "json" if self.json else self.format


def split(codes: Sequence[str]) -> tuple[str, ...]:
    """Return single codes from options that may hold several, separated by commas.

    >>> split(["NW1,NW301", "NW7"])
    ('NW1', 'NW301', 'NW7')
    """
    return tuple(code.strip().upper() for text in codes for code in text.split(","))


def show(outcome: "Outcome", view: View) -> None:
    """Print an outcome in the form that was asked for."""
    from netwright.lint.report import FORMATS, statistics

    if view.form == "statistics":
        sys.stdout.write(statistics(outcome.findings))
    elif view.form == "text":
        write(outcome.findings)
        sum_up(outcome)
    else:
        sys.stdout.write(FORMATS[view.form](outcome.findings))


def write(findings: Sequence["Finding"]) -> None:
    """Print findings as text."""
    from netwright.lint.report import coloured, grouped

    console = Console(soft_wrap=True, highlight=False)
    for group in grouped(findings):
        console.print(coloured(group))


def sum_up(outcome: "Outcome") -> None:
    """Print the number of findings on standard error."""
    from netwright.lint.report import summary

    if outcome.findings or not outcome.failures:
        say(summary(outcome.findings))


def tell(outcome: "Outcome") -> None:
    """Print what could not be checked, and the notes, on standard error."""
    for text in (*outcome.failures, *outcome.notes):
        say(text)


def say(text: str) -> None:
    """Print a line on standard error."""
    Console(stderr=True, highlight=False).print(text, markup=False, soft_wrap=True)
