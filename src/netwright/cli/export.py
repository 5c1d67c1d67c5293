"""`netwright export`: a run or a network as a file that other programs read."""

import sys
from dataclasses import asdict
from json import dumps
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from netwright.cli.options import Json, Whole
from netwright.cli.stdout import only_results


def export(  # noqa: PLR0913  # each is a flag, and a command has no better place for them
    net: str,
    *,
    out: Path,
    format: Literal["onnx", "torch-export", "safetensors"] | None = None,
    input: str | None = None,
    which: Literal["best", "last"] = "best",
    trust: Annotated[bool, Parameter(negative="")] = False,
    whole: Whole = False,
    json: Json = False,
) -> None:
    """Write a run or a network in a format of other programs, and compare the file with the network.

    The graph of a run takes raw values: the normalisation of its training is its first operation.

    Args:
        net: The folder of a run, or a network: resnet20, net.py:Net(width=2), timm.models:resnet18.
        out: The file; its ending chooses the format: .onnx, .pt2 (torch-export) or .safetensors.
        format: The format, where the ending does not tell.
        input: Shape of one input without the batch, such as 3x32x32; a run and a named network know theirs.
        which: The weights of a run: those of the best epoch, or of the last one.
        trust: Build the network that the run's folder names, whatever code it runs.
    """
    from netwright.predict.export import export as write
    from netwright.slicing.loader import whole_files

    with whole_files(whole), only_results():
        done = write(net, out, format=format, input=_shape(net, input), which=which, trust=trust)
    if json:
        sys.stdout.write(dumps(asdict(done) | {"path": str(done.path)}, indent=2) + "\n")
    else:
        sys.stdout.write(f"{done}\n")


def _shape(net: str, text: str | None) -> tuple[int, ...] | None:
    """Return the shape of one input of a network; None for a run, which knows its own."""
    from netwright.cli.summary import inputs
    from netwright.trace.inputs import single_shape

    if (Path(net) / "run.json").exists():
        return None
    return single_shape(inputs(net, [text] if text else None))
