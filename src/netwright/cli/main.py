"""The command's entry: commands load when they are called, so `--help` never imports torch.

Results go to standard output, progress and errors to standard error. Exit codes: 0 fine, 1 findings or a
failure of what was asked for, 2 wrong use.
"""

import sys

from cyclopts import App, CycloptsError
from rich.console import Console

from netwright import __version__
from netwright.errors import NetwrightError

app = App(
    name="netwright",
    help="Design, check, train, compare and explain deep networks built from blocks.",
    version=__version__,
    suppress_keyboard_interrupt=False,  # `main` says what was interrupted and how to go on
)
app.command(
    "netwright.cli.check:check", help="Find faults in a network or a training script; --fix mends them."
)
app.command("netwright.cli.rule:rule", help="Print the manual page of a rule, or the list.")
app.command("netwright.cli.design:app", name="design", help="Solve for layers: shapes in, plan out.")
app.command("netwright.cli.models:models", help="List every named network with its parameters.")
app.command(
    "netwright.cli.compare:compare", help="Compare designs over seeds: table, curves, verdicts, page."
)
app.command(
    "netwright.cli.parameters:parameters", help="List the parameters of a network, and which are tied."
)
app.command("netwright.cli.train:train", help="Train a network in a folder of its own; --resume goes on.")
app.command("netwright.cli.summary:summary", help="What every operation costs and sees, before training.")
app.command("netwright.cli.diff:diff", help="Two designs side by side, row by row.")


def main() -> None:
    """Run the command and turn every refusal into one line and an exit code."""
    try:
        code = app(exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        _refuse(str(error), 2)
    except NetwrightError as error:
        _refuse(str(error), error.exit_code)
    except KeyboardInterrupt as error:
        _refuse(str(error) or "interrupted", 130)
    sys.exit(code or 0)


def _refuse(message: str, code: int) -> None:
    console = Console(stderr=True, highlight=False)
    console.print("[bold red]error:[/]", end=" ")
    console.print(message, markup=False, soft_wrap=True)
    sys.exit(code)
