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
            rows.append({"name": entry.name, "input": show(entry.input), "params": params})
    if json:
        sys.stdout.write(dumps(rows, indent=2) + "\n")
        return
    table = Table("name", "input", box=None)
    table.add_column("parameters", justify="right")
    for row in rows:
        table.add_row(str(row["name"]), str(row["input"]), f"{row['params']:,}")
    Console().print(table)
