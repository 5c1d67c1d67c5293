"""`nw.export`: a run or a network as a file that other programs read, verified before it is there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.export import ExportedProgram

from netwright.arithmetic.shape import show
from netwright.durable import replacing
from netwright.errors import ExportError, UsageError
from netwright.predict import onnx
from netwright.predict.program import program, quiet
from netwright.predict.raw import Raw
from netwright.predict.subject import Subject, subject
from netwright.training.result import Run, Which

FORMATS = {"onnx": ".onnx", "torch-export": ".pt2", "safetensors": ".safetensors"}
TOLERANCE = 1e-3
"""The largest difference that an export may have, relative to the largest output."""


@dataclass(frozen=True)
class Export:
    """What was written.

    `input` is the shape with its free axes as names. `difference` is the largest difference between the
    outputs of the network and of the file, relative to the largest output, over `random` random inputs and
    `real` examples of the data; a file of weights alone has none.
    """

    path: Path
    format: str
    input: tuple[int | str, ...]
    difference: float | None
    random: int
    real: int
    bytes: int

    def __str__(self) -> str:
        shape = " x ".join(str(axis) for axis in self.input)
        head = f"{self.path}: {self.format}, {self.bytes:,} bytes"
        if self.difference is None:
            return f"{head}, weights only"
        tried = f"{self.random} random inputs" + (f" and {self.real} of the data" if self.real else "")
        gap = f"the largest difference is {self.difference:.1e} of the output"
        return f"{head}, input {shape}; {gap} over {tried}"


def export(
    net: Run | nn.Module | str | Path,
    path: str | Path,
    *,
    format: str | None = None,
    input: tuple[int, ...] | None = None,
    which: Which = "best",
    trust: bool = False,
) -> Export:
    """Write a network in a format of other programs.

    The graph of a run takes raw values: the normalisation of its training is its first operation. Its batch
    is free, and its size where the network allows that. The file is compared with the network on random
    inputs of several batches and sizes, and on examples of the run's data where that is here, before it
    replaces anything.

    Args:
        net: A run, its folder, a spec, or a module, which is put into evaluation mode.
        path: The file.
        format: "onnx", "torch-export" or "safetensors"; by default by the ending of `path`: .onnx, .pt2 or
            .safetensors.
        input: The shape of one input without the batch, for a network that is not a run.
        which: The weights of a run: "best" or "last".
        trust: Build the spec that the run's folder names whatever code it runs.

    Raises:
        UsageError: The format is unknown or not installed, or the shape of the input is missing.
        ExportError: The network cannot be written in the format, or the file does not give its outputs.
    """
    path = Path(path)
    chosen = format or next((name for name, ending in FORMATS.items() if path.suffix == ending), None)
    if chosen not in FORMATS:
        endings = ", ".join(f"{name} ({ending})" for name, ending in FORMATS.items())
        raise UsageError(f"`format` (={format or path.suffix}) must be one of {endings}.")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder `{path.parent}` to write `{path.name}` into.")
    if chosen == "onnx":
        onnx.require()
    given = subject(net, input, which=which, trust=trust)
    if chosen == "safetensors":
        return _weights(given, path)
    _one_tensor(given)
    try:
        return _written(given, path, chosen, sizes=True)
    except _DifferenceError:  # exporters know the one size better than free ones
        pass
    try:
        return _written(given, path, chosen, sizes=False)
    except _DifferenceError as error:
        raise ExportError(f"{error}; nothing was written.") from error


class _DifferenceError(Exception):
    """The file does not give the outputs of the network."""


def _written(given: Subject, path: Path, format: str, *, sizes: bool) -> Export:
    """Write the graph and compare the file, which replaces what was at `path` only if it agrees."""
    graph, other = program(given, sizes=sizes)
    with replacing(path) as draft:
        difference, tried = _compared(given, _file(graph, given, draft, format), other)
        if not difference <= TOLERANCE:
            raise _DifferenceError(
                f"the {format} file gives outputs that differ by {difference:.1e} of the largest one, "
                f"more than {TOLERANCE:.0e}"
            )
    free = [f"size{axis}" if other else size for axis, size in enumerate(given.input[1:])]
    real = 0 if given.real is None else len(given.real)
    return Export(
        path, format, ("batch", given.input[0], *free), difference, tried, real, path.stat().st_size
    )


def _file(graph: ExportedProgram, given: Subject, path: Path, format: str) -> Callable[[Tensor], Tensor]:
    """Write a file, and return the function that runs it."""
    if format == "onnx":
        onnx.write(graph, given, path)
        return onnx.runner(path)
    with quiet():
        torch.export.save(graph, str(path), extra_files=dict(given.facts))
        return torch.export.load(str(path)).module()


def _one_tensor(given: Subject) -> None:
    """Refuse a network that does not take one tensor and give one."""
    with torch.no_grad():
        output = given.net(given.random(1, given.input[1:]))
    if not isinstance(output, Tensor):
        raise ExportError(f"the network gives a {type(output).__name__}; a file of a graph has one tensor.")


def _weights(given: Subject, path: Path) -> Export:
    """Write the weights alone, under the names of the network's own state."""
    net = given.net.net if isinstance(given.net, Raw) else given.net
    assert isinstance(net, nn.Module)
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in net.state_dict().items()}
    with replacing(path) as draft:
        save_file(tensors, draft, metadata=given.facts)
    return Export(path, "safetensors", given.input, None, 0, 0, path.stat().st_size)


def _compared(
    given: Subject, run: Callable[[Tensor], Tensor], other: tuple[int, ...] | None
) -> tuple[float, int]:
    """Return the largest relative difference, and how many random inputs were tried."""
    inputs = [given.random(1, given.input[1:]), given.random(3, given.input[1:])]
    if other:
        inputs.append(given.random(2, other))
    tried = sum(map(len, inputs))
    if given.real is not None:
        inputs.append(given.real)
    worst = 0.0
    for batch in inputs:
        with torch.no_grad():
            mine, theirs = given.net(batch), run(batch)
        if theirs.shape != mine.shape:
            raise _DifferenceError(
                f"the file gives {show(theirs.shape)} for {show(batch.shape)}, not {show(mine.shape)}"
            )
        gap = (mine - theirs).abs().max() / mine.abs().max().clamp(min=1e-12)
        worst = max(worst, float(gap)) if bool(gap.isfinite()) else float("inf")
    return worst, tried
