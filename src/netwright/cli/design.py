"""`netwright design`: the layers between two shapes, or the reason why there are none."""

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
    from netwright.design.plan import Plan

app = App(name="design", help="Design the layers between two shapes.")

Shape = Annotated[str, Parameter(help="Channels and sizes without batch, as 3x32x32.")]
No = Annotated[bool, Parameter(negative="")]


@Parameter(name="*")
@dataclass
class Asked:
    """Wishes on the command line; ranges are written 3-6.

    Parameters
    ----------
    layers
        How many, or a range; the most even of all up to 16 by itself.
    through
        A shape that must stand between, as 64x8x8; may be repeated.
    kernels
        Range of kernel sizes, 1-7 by itself.
    strides
        Range of strides, 1-4 by itself.
    pattern
        An allowed kernel,stride,padding such as 4,2,1; may be repeated, others are then not allowed.
    max_params
        Most trainable parameters; 300k and 2M are understood.
    max_macs
        Most multiply-accumulates of one example.
    min_receptive_field
        Positions that an output (of an autoencoder: its code) sees at least.
    max_receptive_field
        The same at most.
    multiple
        Channels between are multiples of it, of 8 by itself.
    max_step
        Largest factor between the channels before and after a layer.
    residuals
        Residual blocks behind every layer but the last.
    groups
        Groups of the convolutions whose channels divide by it.
    bottleneck
        Reduce channels by this factor before every window.
    objective
        What to make best first.
    any_channels
        Let channels turn back on their way.
    patches
        Allow windows that share no position.
    allow_dead_taps
        Allow taps that never touch data.
    allow_skips
        Allow positions that are never read.
    allow_checkerboard
        Allow transposed kernels that are no multiple of their stride.
    allow_collapse
        Allow a layer to shrink the representation more than 8x.
    """

    layers: str | None = None
    through: tuple[str, ...] = ()
    kernels: str | None = None
    strides: str | None = None
    pattern: tuple[str, ...] = ()
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

    def wishes(self) -> dict[str, Any]:
        """As the design functions take them."""
        allowed = {
            "any_channels": "monotone",
            "patches": "overlap",
            "allow_dead_taps": "no_dead_taps",
            "allow_skips": "no_skips",
            "allow_checkerboard": "kernel_multiple",
            "allow_collapse": "no_collapse",
        }
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        found = {rule: False for flag, rule in allowed.items() if given.pop(flag)}
        for name in ("layers", "kernels", "strides"):
            given[name] = given[name] and _range(name, given[name])
        for name in ("max_params", "max_macs"):
            given[name] = given[name] and amount(name, given[name])
        given["through"] = [parse(text) for text in given["through"]]
        given["patterns"] = [_numbers("pattern", text, ",", 3) for text in given.pop("pattern")]
        return found | {name: value for name, value in given.items() if value not in (None, [])}


@Parameter(name="*")
@dataclass
class Shown:
    """What to do with the plan.

    Parameters
    ----------
    alternatives
        Further plans to show, the next best first.
    out
        Write the PyTorch text of the best plan to this file.
    force
        Overwrite the file.
    source
        Print the PyTorch text in place of the table.
    json
        Print JSON in place of the table.
    """

    alternatives: int = 0
    out: Path | None = None
    force: No = False
    source: No = False
    json: Json = False


@app.command
def encoder(*, input: Shape, output: Shape, asked: Asked | None = None, shown: Shown | None = None) -> None:
    """Shrink the input to the output by convolutions."""
    _answer("encoder", (input, output), asked, shown)


@app.command
def decoder(*, input: Shape, output: Shape, asked: Asked | None = None, shown: Shown | None = None) -> None:
    """Grow the input to the output by transposed convolutions."""
    _answer("decoder", (input, output), asked, shown)


@app.command
def autoencoder(
    *, input: Shape, output: Shape, asked: Asked | None = None, shown: Shown | None = None
) -> None:
    """Shrink the input to the code (--output) and back the same way; --layers are those of one way."""
    _answer("autoencoder", (input, output), asked, shown)


@app.command
def between(*, input: Shape, output: Shape, asked: Asked | None = None, shown: Shown | None = None) -> None:
    """Fit layers between two shapes, whichever is larger."""
    _answer("between", (input, output), asked, shown)


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
    """Find the width (and depth, where SPEC leaves it open) with which a family meets a budget.

    Args:
        spec: A registered family, as plain20 or 'resnet(block="bottleneck")'.
        max_params: Most trainable parameters; 300k and 2M are understood.
        max_macs: Most multiply-accumulates of one example.
        match: Another spec, whose cost is met within 1 %.
        by: What --match compares.
    """
    from netwright.design import fit as find

    budgets = {"max_params": max_params, "max_macs": max_macs}
    given = {name: amount(name, text) for name, text in budgets.items() if text is not None}
    found = find(spec, input=parse(input), match=match, by=by, **given)
    if json:
        sys.stdout.write(dumps(asdict(found), indent=2) + "\n")
        return
    words = f"{found.spec}: {found.params:,} parameters, {found.macs:,} MACs, {found.ratio:.1%} of the budget"
    Console(highlight=False).print(words, markup=False, soft_wrap=True)


def _answer(kind: str, ends: tuple[str, str], asked: Asked | None, shown: Shown | None) -> None:
    from netwright import design

    asked, shown = asked or Asked(), shown or Shown()
    if shown.out and shown.out.exists() and not shown.force:
        raise DesignError(f"`{shown.out}` is there already; --force overwrites it.")
    make = getattr(design, kind)
    plan = make(*map(parse, ends), alternatives=shown.alternatives, **asked.wishes())
    if shown.json:
        sys.stdout.write(dumps(plan.to_json(), indent=2) + "\n")
    elif shown.source:
        sys.stdout.write(plan.source())
    else:
        _print(plan, shown.alternatives)
    if shown.out:
        _write(shown.out, plan.source())


def _print(plan: "Plan", asked_for: int) -> None:
    console = Console(highlight=False)
    for index, each in enumerate((plan, *plan.alternatives)):
        console.print(f"{f'alternative {index}: ' if index else ''}{each.title()}", soft_wrap=True)
        console.print(_table(each))
        console.print(f"{each.totals()}\n", soft_wrap=True)
    if len(plan.alternatives) < asked_for:
        console.print(f"There are {len(plan.alternatives)} alternatives, not {asked_for}.")


def _table(plan: "Plan") -> Table:
    table = Table("", "shape", "kernel", "stride", "padding", box=None)
    for name in ("parameters", "MACs", "sees"):
        table.add_column(name, justify="right")
    for row in plan.rows():
        kind = row["layer"] + "".join(f" +{row[name]} {name}" for name in ("residuals",) if row[name])
        padding = _axes(row["padding"]) + (
            f" +{_axes(row['output_padding'])}" if any(row["output_padding"]) else ""
        )
        windows = [_axes(row["kernel"]), _axes(row["stride"]), padding]
        numbers = [f"{row['params']:,}", f"{row['macs']:,}", show(row["receptive_field"])]
        table.add_row(kind, row["output"], *windows, *numbers)
    return table


def _axes(values: tuple[int, ...]) -> str:
    """One number where all axes agree."""
    return str(values[0]) if len(set(values)) == 1 else show(values)


def _write(path: Path, text: str) -> None:
    """All of the text or nothing, whatever happens on the way."""
    try:
        replace(path, text.encode())
    except OSError as error:
        raise DesignError(f"`{path}` cannot be written: {error.strerror}.") from error
    Console(stderr=True, highlight=False).print(f"wrote {path}", soft_wrap=True)


def _range(name: str, text: str) -> tuple[int, int]:
    """`5` or `3-6`.

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
    """A count that may end in k, M or G.

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
