"""`netwright export`: a run or a network as a file that other programs read."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from json import dumps
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from netwright.cli.options import Json, Whole
from netwright.cli.stdout import only_results


def export(  # noqa: PLR0913  # each is a flag, and a command has no better place for them
    model: str,
    *,
    out: Path,
    format: Literal["onnx", "torch-export", "safetensors"] | None = None,
    input: str | None = None,
    which: Literal["best", "last"] = "best",
    net: str | None = None,
    trust: Annotated[bool, Parameter(negative="")] = False,
    whole: Whole = False,
    json: Json = False,
) -> None:
    """Write a run or a network in a format of other programs, and compare the file with the network.

    The graph of a run takes raw values: the normalisation of its training is its first operation.

    Args:
        model: The folder of a run, or a network: resnet20, net.py:Net(width=2), timm.models:resnet18.
        out: The file; its ending chooses the format: .onnx, .pt2 (torch-export) or .safetensors.
        format: The format, where the ending does not tell.
        input: Shape of one input without the batch, such as 3x32x32; a run and a named network know theirs.
        which: The weights of a run: those of the best epoch, or of the last one.
        net: The network of a run that trained a module, as net.py:Net.
        trust: Build the network that the run's folder names, whatever code it runs.
    """
    from netwright.prediction.export import export as write
    from netwright.slicing.loader import whole_files

    with whole_files(whole), only_results(), _spinner(out):
        shape = _shape(model, input)
        done = write(model, out, format=format, input=shape, which=which, net=net, trust=trust)
    if json:
        sys.stdout.write(dumps(asdict(done) | {"path": str(done.path)}, indent=2) + "\n")
    else:
        sys.stdout.write(f"{done}\n")


@contextmanager
def _spinner(out: Path) -> Iterator[None]:
    """Show that the export is at work, and for how long, on a terminal."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    # the exporters of torch print to a standard error that is thrown away, and this must not be
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        bar.add_task(f"recording, writing and comparing {out.name}", total=None)
        yield


def _shape(model: str, text: str | None) -> tuple[int, ...] | None:
    """Return the shape of one input of a network; None for a run, which knows its own."""
    from netwright.cli.summary import inputs
    from netwright.trace.inputs import single_shape

    if text is None and (Path(model) / "run.json").exists():
        return None
    return single_shape(inputs(model, [text] if text else None))
