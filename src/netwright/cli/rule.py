"""`netwright rule`: the page of a rule, or the list of rules."""

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
    from netwright.lint.catalogue import OURS, rules
    from netwright.lint.page import publish, text

    if write is not None:
        sys.stdout.write(f"{len(publish(write))} files in {write}\n")
        return
    chosen = [entry for entry in rules().values() if code.upper() in ("", entry.code) or code == entry.name]
    if not chosen:
        raise UsageError(f"there is no rule `{code}`; `netwright rule` lists all {len(rules())} rules.")
    if json:
        _json(chosen)
    elif code:
        sys.stdout.write(text(chosen[0]))
    else:
        columns = ("code", "name", "severity", "fix", "package", "what")
        table = Table(*columns, box=None)
        for entry in chosen:
            package = "netwright" if entry.code.startswith(OURS) else entry.package
            table.add_row(entry.code, entry.name, entry.severity, entry.fix, package, entry.title)
        Console().print(table)


def _json(chosen: list) -> None:
    from json import dumps

    from netwright.lint.page import text

    keys = ("code", "name", "severity", "fix", "package")
    rows = [{key: getattr(entry, key) for key in keys} | {"page": text(entry)} for entry in chosen]
    sys.stdout.write(dumps(rows, indent=2) + "\n")
