"""A study as a table for the terminal."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from netwright.study.result import Design, Spread, Study

HEADS = ("design", "parameters", "MACs", "train error", "test error", "seconds")
FOOT = (
    "errors in percent, mean ± deviation over seeds, at the end of training (nothing is chosen on the test "
    "split); seconds: one run"
)


def cells(design: Design) -> tuple[str, ...]:
    """One row of the table as text, in the order of `HEADS`."""
    return (
        design.name,
        "-" if design.params is None else f"{design.params:,}",
        "-" if design.macs is None else engineering(design.macs),
        percent(design.error("train")),
        percent(design.error("test")),
        "-" if design.seconds is None else f"{design.seconds:.1f}",
    )


def table(study: Study) -> Group:
    """The table of designs, why runs failed, and the verdicts."""
    grid = Table(box=None, pad_edge=False)
    for head in HEADS:
        grid.add_column(head, justify="left" if head == "design" else "right", no_wrap=True)
    for design in study.designs:
        grid.add_row(*map(Text, cells(design)))
    failures = [
        Text(f"{design.name} failed: {reason}", "red")
        for design in study.designs
        for reason in design.failures
    ]
    verdicts = [Text(f"• {verdict.text}") for verdict in study.verdicts]
    space = [Text()] if verdicts else []
    return Group(grid, Text(FOOT, "dim"), *failures, *space, *verdicts)


def percent(spread: Spread | None) -> str:
    """Mean ± deviation in percent, and the number of seeds where it is one.

    >>> percent(Spread(0.0123, 0.0045, 3)), percent(Spread(0.5, None, 1)), percent(None)
    ('1.23 ± 0.45', '50.00 (1 seed)', '-')
    """
    if spread is None:
        return "-"
    if spread.deviation is None:
        return f"{100 * spread.mean:.2f} (1 seed)"
    return f"{100 * spread.mean:.2f} ± {100 * spread.deviation:.2f}"


def engineering(count: int) -> str:
    """A count with its thousands' letter.

    >>> engineering(753_984), engineering(40_551_040), engineering(11_513_000_000), engineering(900)
    ('754 k', '40.6 M', '11.5 G', '900')
    """
    for letter, unit in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= unit:
            return f"{count / unit:.3g} {letter}" if count / unit < 999.5 else f"{count / unit:.0f} {letter}"
    return str(count)
