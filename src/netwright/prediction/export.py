"""`nw.export`: a run or a network as a file that other programs read, verified before it is there."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor, nn

from netwright.durable import replacing
from netwright.errors import ExportError, UsageError
from netwright.prediction import onnx
from netwright.prediction.compare import DifferenceError, compared, require
from netwright.prediction.program import Program, program, quiet
from netwright.prediction.raw import Raw
from netwright.prediction.subject import Subject, subject
from netwright.training.result import Run, Which

FORMATS = {"onnx": ".onnx", "torch-export": ".pt2", "safetensors": ".safetensors"}
TOLERANCE = 1e-3
"""The largest difference that an export may have, relative to the largest output."""


@dataclass(frozen=True)
class Export:
    """What was written.

    `input` is the shape with its free axes as names, and `limits` says why a size is not free, or how far.
    `difference` is the largest difference between the outputs of the network and of the file, relative to the
    largest output (of integers, the share of values that differ), over `random` random inputs and `real`
    examples of the data; a file of weights alone has none.
    """

    path: Path
    format: str
    input: tuple[int | str, ...]
    limits: str
    difference: float | None
    random: int
    real: int
    bytes: int

    def __str__(self) -> str:
        head = f"{self.path}: {self.format}, {self.bytes:,} bytes"
        if self.difference is None:
            return f"{head}, weights only"
        tried = f"{self.random} random inputs" + (f" and {self.real} of the data" if self.real else "")
        gap = f"the largest difference is {self.difference:.1e} of the output"
        limits = f"\nsize: {self.limits}" if self.limits else ""
        return f"{head}, input {' x '.join(map(str, self.input))}; {gap} over {tried}{limits}"


def export(
    model: Run | nn.Module | str | Path,
    path: str | Path,
    *,
    format: str | None = None,
    input: tuple[int, ...] | None = None,
    which: Which = "best",
    net: nn.Module | str | None = None,
    trust: bool = False,
) -> Export:
    """Write a network in a format of other programs.

    The graph of a run takes raw values: the normalisation of its training is its first operation. Its batch
    is free, and its size where the network allows that. The file is compared with the network on random
    inputs of several batches and sizes, and on examples of the run's data where that is here, before it
    replaces anything.

    Args:
        model: A run, its folder, an `Ensemble`, a spec, or a module, which is put into evaluation mode.
        path: The file.
        format: "onnx", "torch-export" or "safetensors"; by default by the ending of `path`: .onnx, .pt2 or
            .safetensors.
        input: The shape of one input without the batch; by default that of the run's training.
        which: The weights of a run: "best" or "last".
        net: The network of a run of a module, as for `Run.load`.
        trust: Build the spec that the run's folder names whatever code it runs.

    Raises:
        UsageError: The format is unknown or not installed, the shape of the input is missing, or the file
            cannot be written.
        ExportError: The network cannot be written in the format, or the file does not give its outputs.
    """
    path = Path(path)
    chosen = _format(path, format)
    given = subject(model, input, which=which, net=net, trust=trust)
    try:
        if chosen == "safetensors":
            return _weights(given, path)
        require(given)
        return _graph(given, path, chosen)
    except (OSError, SafetensorError) as error:
        raise UsageError(f"`{path}` cannot be written: {error}; nothing was changed.") from error


def _format(path: Path, format: str | None) -> str:
    """Return the format to write, before anything is built: it is installed, and the file can be written."""
    chosen = format or next((name for name, ending in FORMATS.items() if path.suffix == ending), None)
    if chosen not in FORMATS:
        endings = ", ".join(f"{name} ({ending})" for name, ending in FORMATS.items())
        raise UsageError(f"`format` (={format or path.suffix}) must be one of {endings}.")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder `{path.parent}` to write `{path.name}` into.")
    if path.is_dir():
        raise UsageError(f"`{path}` is a folder; give the name of a file.")
    try:
        with TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise UsageError(f"`{path.parent}` cannot be written to: {error.strerror}.") from error
    if chosen == "onnx":
        onnx.require()
    return chosen


def _graph(given: Subject, path: Path, format: str) -> Export:
    """Write a graph: with free sizes, or with the one size where the exporter fails with free ones."""
    made = program(given)
    try:
        return _written(given, made, path, format)
    except (DifferenceError, ExportError) as error:
        if made.other is None:
            raise ExportError(f"{str(error).rstrip('.')}; nothing was written.") from error
        reason = f"it is fixed, because with a free size {str(error).rstrip('.')}"
    try:
        return _written(given, program(given, fixed=reason), path, format)
    except DifferenceError as error:
        raise ExportError(f"{error}; nothing was written.") from error


def _written(given: Subject, made: Program, path: Path, format: str) -> Export:
    """Write the graph and compare the file, which replaces what was at `path` only if it agrees."""
    with replacing(path) as draft:
        difference, tried = compared(given, _file(made, given, draft, format), made.other)
        if not difference <= TOLERANCE:
            raise DifferenceError(
                f"the {format} file gives outputs that differ by {difference:.1e} of the largest one, "
                f"more than {TOLERANCE:.0e}"
            )
    real = 0 if given.real is None else len(given.real)
    size = path.stat().st_size
    return Export(path, format, made.input, made.limits, difference, tried, real, size)


def _file(made: Program, given: Subject, path: Path, format: str) -> Callable[[Tensor], Tensor]:
    """Write a file, and return the function that runs it."""
    if format == "onnx":
        onnx.write(made, given.facts, path)
        return onnx.runner(path)
    whole = BytesIO()  # torch's own writer of files crashes the process some time after a disk was full
    with quiet():
        torch.export.save(made.graph, whole, extra_files=dict(given.facts))
        path.write_bytes(whole.getbuffer())
        return torch.export.load(str(path)).module()


def _weights(given: Subject, path: Path) -> Export:
    """Write the weights alone, under the names of the network's own state."""
    net = given.net.net if isinstance(given.net, Raw) else given.net
    assert isinstance(net, nn.Module)
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in net.state_dict().items()}
    with replacing(path) as draft:
        save_file(tensors, draft, metadata=given.facts)
    return Export(path, "safetensors", given.input, "", None, 0, 0, path.stat().st_size)
