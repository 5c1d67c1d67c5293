"""Writing a graph of torch operations as ONNX, and running the file by onnxruntime."""

import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.export import ExportedProgram

from netwright.errors import ExportError, UsageError
from netwright.predict.program import place, quiet
from netwright.predict.subject import Subject

NEEDED = ("onnx", "onnxscript", "onnxruntime")
LIMIT = 2**31 - 2**20
"""Bytes of weights that fit into one ONNX file, whose format counts them in 31 bits."""


def write(graph: ExportedProgram, subject: Subject, path: Path) -> None:
    """Write a graph with the facts about it as metadata.

    Raises:
        ExportError: An operation has no equivalent in ONNX, or the weights do not fit into a file.
    """

    size = sum(tensor.nbytes for tensor in graph.state_dict.values())
    if size > LIMIT:
        raise ExportError(f"the weights take {size:,} bytes, and an ONNX file holds 2 GiB; use torch-export.")
    with quiet():
        try:
            made = torch.onnx.export(
                graph, dynamo=True, verbose=False, input_names=["input"], output_names=["output"]
            )
        except torch.onnx.OnnxExporterError as error:
            raise ExportError(_refusal(error, graph)) from error
        assert made is not None
        _name_axes(made.model)
        made.model.metadata_props.update(subject.facts)
        made.save(str(path))


def _name_axes(model: Any) -> None:
    """Call the free axes of the input `batch`, `size0`, `size1`, instead of by the symbols of the trace."""
    shape = model.graph.inputs[0].shape
    free = [(axis, dim.value) for axis, dim in enumerate(shape) if not isinstance(dim, int)]
    names = {old: f"size{axis - 2}" if axis else "batch" for axis, old in free}
    symbols = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names))
    values = [*model.graph.inputs, *(value for node in model.graph for value in node.outputs)]
    for value in values:
        if value.shape is not None:
            value.shape = type(value.shape)(
                [
                    dim
                    if isinstance(dim, int)
                    else symbols.sub(lambda symbol: names[symbol[0]], str(dim.value))
                    for dim in value.shape
                ]
            )


def runner(path: Path) -> Callable[[Tensor], Tensor]:
    """Return a function that runs a file by onnxruntime on the CPU, on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(inputs: Tensor) -> Tensor:
        return torch.from_numpy(session.run(None, {name: inputs.numpy()})[0])

    return run


def require() -> None:
    """Raise a `UsageError` that says what to install, if the extra is missing."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UsageError(f"the format onnx needs {', '.join(missing)}: pip install 'netwright[export]'.")


def _refusal(error: Exception, graph: ExportedProgram) -> str:
    """Name the operation that has no equivalent, and the user's line that calls it."""
    text = f"{error} {error.__cause__ or ''}"
    name = text.partition("translating node %")[2].partition(" ")[0]
    for node in graph.graph.nodes if name else ():
        if name in node.name:  # which a decomposition may have shortened
            return f"{node.target} has no equivalent in ONNX{place(node)}."
    reason = " ".join((str(error.__cause__ or error)).split())
    return f"the network cannot be written as ONNX: {reason[:300]}"
