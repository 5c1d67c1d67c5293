"""`netwright design`: find the layers between two shapes, or say why there are none."""

import sys
from dataclasses import asdict, dataclass, fields
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from netwright.arithmetic.shape import parse, show
from netwright.cli.options import Json
from netwright.durable import replace
from netwright.errors import DesignError

if TYPE_CHECKING:
    from netwright.design.solution import Solution

app = App(name="design", help="Design the layers between two shapes.")

Shape = Annotated[str, Parameter(help="Channels and sizes without the batch, such as 3x32x32.")]
No = Annotated[bool, Parameter(negative="")]


@Parameter(name="*")
@dataclass
class Wanted:
    """Requirements on the command line; ranges are written 3-6.

    Parameters
    ----------
    layers
        How many layers, or a range; the most even number up to 16 by default.
    through
        A shape that must occur between the ends, such as 64x8x8; may be repeated.
    kernels
        Range of kernel sizes; 1-7 by default.
    strides
        Range of strides; 1-4 by default.
    window
        An allowed kernel,stride,padding such as 4,2,1; may be repeated, and others are then not allowed.
    max_params
        The most trainable parameters; 300k and 2M are understood.
    max_macs
        The most multiply-accumulates of one example.
    min_receptive_field
        The fewest positions that an output (of an autoencoder: its code) sees.
    max_receptive_field
        The most positions that it sees.
    multiple
        The channels between the ends are multiples of this number; 8 by default.
    max_step
        Largest factor between the channels before and after a layer.
    residuals
        Residual blocks after every layer but the last.
    groups
        Groups of the convolutions whose channels are divisible by it.
    bottleneck
        Reduce the channels by this factor before every window.
    objective
        What to optimise first.
    any_channels
        Let the channels grow and shrink between the ends.
    patches
        Allow windows that share no position.
    allow_dead_taps
        Allow kernel taps that never touch data.
    allow_skips
        Allow positions that are never read.
    allow_checkerboard
        Allow transposed kernels that are not multiples of their stride.
    allow_collapse
        Allow a layer to shrink the representation more than 8x.
    """

    layers: str | None = None
    through: tuple[str, ...] = ()
    kernels: str | None = None
    strides: str | None = None
    window: tuple[str, ...] = ()
    max_params: str | None = None
    max_macs: str | None = None
    min_receptive_field: int | None = None
    max_receptive_field: int | None = None
    multiple: int | None = None
    max_step: float | None = None
    residuals: int | None = None
    groups: int | None = None
    bottleneck: int | None = None
    objective: Literal["even", "params", "macs"] | None = None
    any_channels: No = False
    patches: No = False
    allow_dead_taps: No = False
    allow_skips: No = False
    allow_checkerboard: No = False
    allow_collapse: No = False

    def requirements(self) -> dict[str, Any]:
        """Return the requirements as the design functions take them."""
        allowed = {
            "any_channels": "monotone",
            "patches": "overlap",
            "allow_dead_taps": "no_dead_taps",
            "allow_skips": "no_skips",
            "allow_checkerboard": "kernel_multiple",
            "allow_collapse": "no_collapse",
        }
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        dropped = {rule: False for flag, rule in allowed.items() if given.pop(flag)}
        for name in ("layers", "kernels", "strides"):
            given[name] = given[name] and _range(name, given[name])
        for name in ("max_params", "max_macs"):
            given[name] = given[name] and amount(name, given[name])
        given["through"] = [parse(text) for text in given["through"]]
        given["windows"] = [_numbers("window", text, ",", 3) for text in given.pop("window")]
        return dropped | {name: value for name, value in given.items() if value not in (None, [])}


@Parameter(name="*")
@dataclass
class View:
    """What to do with the solution.

    Parameters
    ----------
    alternatives
        Further solutions to show, the next best first.
    out
        Write the PyTorch source of the best solution to this file.
    force
        Overwrite the file.
    source
        Print the PyTorch source instead of the table.
    json
        Print JSON instead of the table.
    """

    alternatives: int = 0
    out: Path | None = None
    force: No = False
    source: No = False
    json: Json = False


@app.command
def encoder(*, input: Shape, output: Shape, wanted: Wanted | None = None, view: View | None = None) -> None:
    """Shrink the input to the output by convolutions."""
    _answer("encoder", (input, output), wanted, view)


@app.command
def decoder(*, input: Shape, output: Shape, wanted: Wanted | None = None, view: View | None = None) -> None:
    """Grow the input to the output by transposed convolutions."""
    _answer("decoder", (input, output), wanted, view)


@app.command
def autoencoder(
    *, input: Shape, output: Shape, wanted: Wanted | None = None, view: View | None = None
) -> None:
    """Shrink the input to the code (--output), and go back over the same shapes; --layers counts one way."""
    _answer("autoencoder", (input, output), wanted, view)


@app.command
def between(*, input: Shape, output: Shape, wanted: Wanted | None = None, view: View | None = None) -> None:
    """Find layers between two shapes, whichever of them is larger."""
    _answer("between", (input, output), wanted, view)


@app.command
def fit(  # each is a flag
    spec: str,
    *,
    input: Shape,
    max_params: str | None = None,
    max_macs: str | None = None,
    match: str | None = None,
    by: Literal["params", "macs"] = "params",
    json: Json = False,
) -> None:
    """Find the width (and the depth, where SPEC leaves it open) with which a family meets a budget.

    Args:
        spec: A registered family, such as plain20 or 'resnet(block="bottleneck")'.
        max_params: The most trainable parameters; 300k and 2M are understood.
        max_macs: The most multiply-accumulates of one example.
        match: Another spec, whose cost is matched within 1 %.
        by: The cost that --match compares.
    """
    from netwright.design import fit as fit_family

    budgets = {"max_params": max_params, "max_macs": max_macs}
    given = {name: amount(name, text) for name, text in budgets.items() if text is not None}
    fitted = fit_family(spec, input=parse(input), match=match, by=by, **given)
    if json:
        sys.stdout.write(dumps(asdict(fitted), indent=2) + "\n")
        return
    words = (
        f"{fitted.spec}: {fitted.params:,} parameters, {fitted.macs:,} MACs, {fitted.ratio:.1%} of the budget"
    )
    Console(highlight=False).print(words, markup=False, soft_wrap=True)


def _answer(kind: str, ends: tuple[str, str], wanted: Wanted | None, view: View | None) -> None:
    from netwright import design

    wanted, view = wanted or Wanted(), view or View()
    if view.out and view.out.exists() and not view.force:
        raise DesignError(f"`{view.out}` already exists; --force overwrites it.")
    make = getattr(design, kind)
    solution = make(*map(parse, ends), alternatives=view.alternatives, **wanted.requirements())
    if view.json:
        sys.stdout.write(dumps(solution.to_json(), indent=2) + "\n")
    elif view.source:
        sys.stdout.write(solution.source())
    else:
        _print(solution, view.alternatives)
    if view.out:
        _write(view.out, solution.source())


def _print(solution: "Solution", wanted: int) -> None:
    console = Console(highlight=False)
    for index, each in enumerate((solution, *solution.alternatives)):
        console.print(f"{f'alternative {index}: ' if index else ''}{each.title()}", soft_wrap=True)
        console.print(_table(each))
        console.print(f"{each.totals()}\n", soft_wrap=True)
    if len(solution.alternatives) < wanted:
        console.print(f"There are {len(solution.alternatives)} alternatives, not {wanted}.")


def _table(solution: "Solution") -> Table:
    table = Table("", "shape", "kernel", "stride", "padding", box=None)
    for name in ("parameters", "MACs", "sees"):
        table.add_column(name, justify="right")
    for row in solution.rows():
        kind = row["layer"] + "".join(f" +{row[name]} {name}" for name in ("residuals",) if row[name])
        padding = _axes(row["padding"]) + (
            f" +{_axes(row['output_padding'])}" if any(row["output_padding"]) else ""
        )
        windows = [_axes(row["kernel"]), _axes(row["stride"]), padding]
        numbers = [f"{row['params']:,}", f"{row['macs']:,}", show(row["receptive_field"])]
        table.add_row(kind, row["output"], *windows, *numbers)
    return table


def _axes(values: tuple[int, ...]) -> str:
    """Return one number where all axes agree."""
    return str(values[0]) if len(set(values)) == 1 else show(values)


def _write(path: Path, text: str) -> None:
    """Write the whole text, or leave the file as it was."""
    try:
        replace(path, text.encode())
    except OSError as error:
        raise DesignError(f"`{path}` cannot be formatted: {error.strerror}.") from error
    Console(stderr=True, highlight=False).print(f"wrote {path}", soft_wrap=True)


def _range(name: str, text: str) -> tuple[int, int]:
    """Return the ends of a range that is written `5` or `3-6`.

    >>> _range("layers", "3-6"), _range("layers", "5")
    ((3, 6), (5, 5))
    """
    low, _, high = text.partition("-") if not text.startswith("-") else (text, "", "")
    ends = _numbers(name, f"{low},{high or low}", ",", 2)
    return ends[0], ends[1]


def _numbers(name: str, text: str, mark: str, count: int) -> tuple[int, ...]:
    words = text.split(mark)
    if len(words) != count or not all(word.strip().lstrip("-").isdecimal() for word in words):
        wanted = "a number or a range such as 3-6" if count == 2 else "three numbers such as 4,2,1"
        raise DesignError(f"`--{name}` (={text.split(',')[0] if count == 2 else text}) must be {wanted}.")
    return tuple(int(word) for word in words)


def amount(name: str, text: str) -> int:
    """Return a count that may end in k, M or G as a number.

    >>> amount("max_params", "300k"), amount("max_params", "1.5M"), amount("max_params", "2_000_000")
    (300000, 1500000, 2000000)
    """
    factor = {"k": 10**3, "m": 10**6, "g": 10**9}.get(text[-1:].lower(), 1)
    digits = text[:-1] if factor > 1 else text
    if not digits.replace("_", "").replace(",", "").replace(".", "", 1).isdecimal():
        raise DesignError(
            f"`--{name.replace('_', '-')}` (={text}) must be a number such as 300k or 2_000_000."
        )
    return round(float(digits.replace("_", "").replace(",", "")) * factor)
