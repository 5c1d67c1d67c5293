"""`netwright diff`: compare two designs row by row."""

import sys
from json import dumps
from typing import Annotated

from cyclopts import Parameter

from netwright.cli.options import Input, Json, Whole
from netwright.cli.summary import summarised


def diff(
    before: str,
    after: str,
    *,
    input: Input = None,
    batch: int = 1,
    all: Annotated[bool, Parameter(name="--all", negative="", help="Show equal rows too.")] = False,
    whole: Whole = False,
    json: Json = False,
) -> int:
    """Show what a second design adds, removes and changes, and the ratio of the totals.

    Args:
        before: spec of the first design.
        after: spec of the second design.
        batch: examples in the recorded runs; it scales the saved bytes.
    """
    from netwright.analysis.diff import diff as compare
    from netwright.analysis.diff import footer, grid
    from netwright.analysis.explain import explain
    from netwright.slicing.loader import whole_files

    with whole_files(whole):
        first, second = [summarised(spec, input, batch) for spec in (before, after)]
    comparison = compare(first, second)
    if json:
        sys.stdout.write(dumps(comparison.document(), indent=2) + "\n")
    else:
        header, cells = grid(comparison, all=all)
        widths = [max(len(row[column]) for row in [header, *cells]) for column in range(len(header))]
        for row in [header, *cells]:
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            sys.stdout.write(line.rstrip() + "\n")
        sys.stdout.write("\n" + "\n".join(footer(comparison)) + "\n")
    for side in (first, second):
        if side.failure:
            sys.stderr.write(f"{side.name} fails: {explain(side.graph)}\n")
    return 1 if first.failure or second.failure else 0
