"""`netwright models`: every named network with its parameters."""

import sys
from json import dumps

from rich.console import Console
from rich.table import Table

from netwright.cli.options import Json


def models(*, json: Json = False) -> None:
    """List every named network with its input and parameters."""
    import torch

    from netwright.arithmetic.shape import show
    from netwright.models.registry import entries
    from netwright.spec import load

    rows = []
    for entry in entries().values():
        if entry.complete:
            with torch.device("meta"):
                net = load(entry.name)
            params = sum(parameter.numel() for parameter in net.parameters())
            row = {"name": entry.name, "input": show(entry.input), "params": params}
            rows.append(row | {"family": entry.family, "paper": entry.paper})
    if json:
        sys.stdout.write(dumps(rows, indent=2) + "\n")
        return
    table = Table(box=None)
    for column in ("name", "input"):
        table.add_column(column, min_width=max(len(str(row[column])) for row in rows))
    table.add_column("parameters", justify="right", min_width=len("parameters") + 2)
    table.add_column("paper", overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(str(row["name"]), str(row["input"]), f"{row['params']:,}", str(row["paper"]))
    Console().print(table)
