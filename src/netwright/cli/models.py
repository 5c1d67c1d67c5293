"""`netwright models`: every named network with its parameters."""

import sys
from json import dumps
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from netwright.cli.options import Json
from netwright.errors import SpecError

Text = Annotated[str, Parameter(help="Only networks whose name or family contains this, as in `unet`.")]


def models(text: Text = "", *, json: Json = False) -> None:
    """List every named network with its input, parameters and paper."""
    import torch

    from netwright.arithmetic.shape import show
    from netwright.models.registry import entries
    from netwright.spec import load

    rows = []
    for entry in entries().values():
        if entry.complete and (text in entry.name or text in entry.family):
            with torch.device("meta"):
                net = load(entry.name)
            params = sum(parameter.numel() for parameter in net.parameters())
            row = {"name": entry.name, "input": show(entry.input), "params": params}
            rows.append(row | {"family": entry.family, "paper": entry.paper})
    if not rows:
        raise SpecError(f"no network's name contains `{text}`; `netwright models` lists them all.")
    if json:
        sys.stdout.write(dumps(rows, indent=2) + "\n")
        return
    Console().print(_table(rows))


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None)
    for column in ("name", "input"):
        table.add_column(column, min_width=max(len(row[column]) for row in rows))
    table.add_column("parameters", justify="right", min_width=len("parameters") + 2)
    table.add_column("paper", overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(row["name"], row["input"], f"{row['params']:,}", row["paper"])
    return table
