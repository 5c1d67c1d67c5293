"""The entry point of the command line; a command is imported when it is called, so `--help` imports no torch.

Results go to standard output; progress, warnings and errors go to standard error. The exit code is 0 for
success, 1 for findings or a failure of what was asked for, and 2 for wrong use.
"""

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cyclopts import App, CycloptsError
from rich.console import Console

from netwright import __version__
from netwright.errors import NetwrightError
from netwright.plugins import PluginWarning

app = App(
    name="netwright",
    help="Design, check, train, compare and explain deep networks built from blocks.",
    version=__version__,
    suppress_keyboard_interrupt=False,  # `main` says what was interrupted and how to go on
)
for _name, _help in {
    "check": "Find faults in a network or a training script; --fix repairs them.",
    "compare": "Compare designs over several seeds: table, curves, verdicts, page.",
    "diff": "Compare two designs row by row.",
    "evaluate": "Score a run on a data set: intervals, classes, the worst examples.",
    "export": "Write a run or a network as ONNX, a torch program or plain weights.",
    "models": "List every named network with its parameters.",
    "parameters": "List the parameters of a network, and which of them are tied.",
    "plan": "Find the largest patch and batch that fit into memory.",
    "predict": "Predict the class or the mask of new files, with a trained network.",
    "rule": "Print the manual page of a rule, or the list of rules.",
    "runs": "List the runs in a folder: sorted, filtered, as a table, JSON, CSV or parquet.",
    "summary": "Show what every operation of a network costs and sees, before training.",
    "train": "Train a network in a folder of its own; --resume continues a run.",
}.items():
    app.command(f"netwright.cli.{_name}:{_name}", help=_help)
app.command("netwright.cli.design:app", name="design", help="Find the layers between two shapes.")


def main(words: Sequence[str] | None = None) -> None:
    """Run a command (that of `sys.argv`), and turn every `NetwrightError` into one line and an exit code."""
    words = sys.argv[1:] if words is None else words
    with _plain_warnings():
        try:
            code = app(words, exit_on_error=False, print_error=False, result_action="return_value")
        except CycloptsError as error:
            _exit(str(error), 2)
        except NetwrightError as error:
            _exit(str(error), error.exit_code)
        except KeyboardInterrupt as error:
            _exit(str(error) or "interrupted", 130)
    sys.exit(code or 0)


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Show a warning of ours as one line, without the place in our code that raised it."""
    usual, ours = warnings.showwarning, str(Path(__file__).parents[1])

    def show(message: Warning | str, category: type[Warning], file: str, *place: object) -> None:
        if issubclass(category, PluginWarning) or (category is UserWarning and file.startswith(ours)):
            _say("[bold yellow]warning:[/]", str(message))
        else:
            usual(message, category, file, *place)  # type: ignore[arg-type]

    with warnings.catch_warnings():
        warnings.simplefilter("default", PluginWarning)
        warnings.showwarning = show  # type: ignore[assignment]
        yield


def _say(label: str, message: str) -> None:
    console = Console(stderr=True, highlight=False)
    console.print(label, end=" ")
    console.print(message, markup=False, soft_wrap=True)


def _exit(message: str, code: int) -> None:
    _say("[bold red]error:[/]", message)
    sys.exit(code)
