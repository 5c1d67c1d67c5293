"""`netwright rule`: a rule's page, or the list of rules."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from netwright.cli.options import Json
from netwright.errors import UsageError

Write = Annotated[Path | None, Parameter(help="Write every page as markdown into this folder instead.")]


def rule(code: str = "", /, *, json: Json = False, write: Write = None) -> None:
    """Print what a rule looks for, why, and what to write instead; without a code, list the rules."""
    from netwright.lint.page import Page, publish
    from netwright.lint.rule import rules

    if write is not None:
        sys.stdout.write(f"{len(publish(write))} files in {write}\n")
        return
    known = rules()
    found = [entry for entry in known.values() if code.upper() in ("", entry.code) or code == entry.name]
    if not found:
        raise UsageError(f"there is no rule `{code}`; `netwright rule` lists the {len(known)} there are.")
    if json:
        _json([Page.of(entry) for entry in found])
    elif code:
        sys.stdout.write(Page.of(found[0]).text())
    else:
        table = Table("code", "name", "severity", "fix", "what", box=None)
        for entry in found:
            table.add_row(entry.code, entry.name, entry.severity, entry.fix, Page.of(entry).title)
        Console().print(table)


def _json(pages: list) -> None:
    from json import dumps

    rows = [
        {
            "code": page.rule.code,
            "name": page.rule.name,
            "severity": page.rule.severity,
            "fix": page.rule.fix,
            "page": page.text(),
        }
        for page in pages
    ]
    sys.stdout.write(dumps(rows, indent=2) + "\n")
