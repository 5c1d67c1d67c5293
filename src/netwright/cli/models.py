"""`netwright models`: every named network with its parameters."""

import sys
from json import dumps
from typing import TYPE_CHECKING, Annotated, Any
from warnings import warn

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from netwright import __version__
from netwright.cli.options import Json
from netwright.errors import SpecError, UsageError

if TYPE_CHECKING:
    from netwright.models.registry import Entry

NETWRIGHT = f"netwright {__version__}"
Text = Annotated[str, Parameter(help="Only networks whose name or family contains this, as in `unet`.")]


def models(text: Text = "", *, json: Json = False) -> None:
    """List every named network with its input, its parameters, its paper, and its package if it is not ours.

    The column `match` names the argument that `netwright compare --match` changes to fit a network to the
    cost of another one; networks without it cannot be fitted.
    """
    from netwright.models.registry import entries

    chosen = [
        entry
        for entry in entries().values()
        if entry.complete and (text in entry.name or text in entry.family)
    ]
    if not chosen:
        raise UsageError(f"no network's name contains `{text}`; `netwright models` lists them all.")
    rows = [row for entry in chosen for row in _rows(entry)]
    if json:
        sys.stdout.write(dumps(rows, indent=2) + "\n")
        return
    Console().print(_table(rows))


def _rows(entry: "Entry") -> list[dict[str, Any]]:
    """Return the row of a network; one of another package that cannot be built is left out with a warning."""
    import torch

    from netwright.arithmetic.shape import show
    from netwright.design.budget import fitted_argument
    from netwright.plugins import PluginWarning
    from netwright.spec import load

    try:
        with torch.device("meta"):
            net = load(entry.name)
        match = fitted_argument(entry)
    except SpecError as error:
        if entry.package == NETWRIGHT:
            raise
        warn(f"`{entry.name}` of {entry.package} is left out: {error}", PluginWarning, stacklevel=2)
        return []
    params = sum(parameter.numel() for parameter in net.parameters())
    row = {"name": entry.name, "input": show(entry.input), "params": params, "match": match}
    return [row | {"family": entry.family, "package": entry.package, "paper": entry.paper}]


def _table(rows: list[dict[str, Any]]) -> Table:
    shown = [
        {
            **{column: row[column] for column in ("name", "input")},
            "parameters": f"{row['params']:,}",
            "match": row["match"] or "",
            "package": "" if row["package"] == NETWRIGHT else row["package"],
        }
        for row in rows
    ]
    table = Table(box=None)
    columns = [column for column in shown[0] if column != "package" or any(row["package"] for row in shown)]
    for column in columns:
        widest = max(len(column), *(len(row[column]) for row in shown))
        table.add_column(column, min_width=widest, justify="right" if column == "parameters" else "left")
    table.add_column("paper", overflow="ellipsis", no_wrap=True)
    for cells, row in zip(shown, rows, strict=True):
        table.add_row(*(cells[column] for column in columns), row["paper"])
    return table
