"""`netwright parameters`: every parameter of a network, how its values vary, and what it is tied with."""

import sys
from dataclasses import asdict
from json import dumps
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from netwright.cli.options import Json, Whole
from netwright.cli.stdout import only_results

if TYPE_CHECKING:
    from netwright.blocks.parameters import ParameterRow

Input = Annotated[
    str,
    Parameter(help="Shape of one example, such as 3x32x32; measures gradients by a backward pass on noise."),
]


def parameters(spec: str, *, input: Input = "", whole: Whole = False, json: Json = False) -> None:
    """List the parameters of the network that SPEC names: shape, mean, deviation, gradient, tied with."""
    import torch

    from netwright.arithmetic.shape import parse
    from netwright.blocks.parameters import measure_gradients, rows
    from netwright.slicing.loader import whole_files
    from netwright.spec import load

    torch.manual_seed(0)
    shape = parse(input) if input else None
    with only_results(), whole_files(whole):
        net = load(spec, input=shape)
        if shape:
            measure_gradients(net, torch.randn(2, *shape))
    listed = list(rows(net))
    if json:
        sys.stdout.write(dumps([asdict(row) for row in listed], indent=2) + "\n")
        return
    console = Console()
    console.print(_table(listed, bool(shape)))
    console.print(f"{sum(p.numel() for p in net.parameters()):,} parameters", highlight=False)


def _table(listed: "list[ParameterRow]", measured: bool) -> Table:
    table = Table(box=None)
    table.add_column("name", min_width=max([4, *(len(row.name) for row in listed)]))
    for column in ("shape", "mean", "deviation", "gradient"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("tied with")
    for row in listed:
        shape = "x".join(map(str, row.shape)) or "scalar"
        numbers = [_number(row.mean), _number(row.deviation), _gradient(row, measured)]
        table.add_row(escape(row.name), shape, *numbers, escape(", ".join(row.tied)))
    return table


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _gradient(row: "ParameterRow", measured: bool) -> str:
    if not row.trained:
        return "frozen"
    return "none" if measured and row.gradient is None else _number(row.gradient)
