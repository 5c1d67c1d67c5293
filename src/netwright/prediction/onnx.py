"""Writing a graph of torch operations as ONNX, and running the file by onnxruntime."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from netwright.errors import ExportError, UsageError
from netwright.prediction.place import failing, place
from netwright.prediction.program import Program, named, quiet

NEEDED = ("onnx", "onnxscript", "onnxruntime")
LIMIT = 2**31 - 2**20
"""Bytes of weights that fit into one ONNX file, whose format counts them in 31 bits."""


def write(program: Program, facts: Mapping[str, str], path: Path) -> None:
    """Write a graph with the facts about it as metadata.

    Raises:
        ExportError: An operation has no equivalent in ONNX, or the weights do not fit into a file.
    """
    size = sum(tensor.nbytes for tensor in program.graph.state_dict.values())
    if size > LIMIT:
        raise ExportError(f"the weights take {size:,} bytes, and an ONNX file holds 2 GiB; use torch-export.")
    with quiet():
        try:
            made = torch.onnx.export(
                program.graph, dynamo=True, verbose=False, input_names=["input"], output_names=["output"]
            )
        except torch.onnx.OnnxExporterError as error:
            raise ExportError(_refusal(error)) from error
    assert made is not None
    _name_axes(made.model, program.names)
    made.model.metadata_props.update(facts)
    made.save(str(path))


def _name_axes(model: Any, names: Mapping[str, str]) -> None:
    """Call the free axes `batch`, `size0`, `size1`, instead of by the symbols of the trace.

    What the exporter says of the shapes between input and output is wrong for some operations, and
    onnxruntime relies on it; readers infer these shapes themselves.
    """
    ends = [*model.graph.inputs, *model.graph.outputs]
    for value in ends:
        if value.shape is not None:
            value.shape = type(value.shape)([_dim(dim, names) for dim in value.shape])
    for node in model.graph:
        for value in node.outputs:
            if value not in ends:
                value.shape = None


def _dim(dim: Any, names: Mapping[str, str]) -> int | str | None:
    """Return a number, an expression of named sizes, or None for a size that depends on values."""
    return dim if isinstance(dim, int) or dim.value is None else named(str(dim.value), names)


def runner(path: Path) -> Callable[[Tensor], Tensor]:
    """Return a function that runs a file by onnxruntime on the CPU, on as many threads as torch has.

    Raises:
        ExportError: onnxruntime does not run the file.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 4  # what fails is raised as well
    with _understood():
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(inputs: Tensor) -> Tensor:
        with _understood():
            return torch.from_numpy(session.run(None, {name: inputs.numpy()})[0])

    return run


@contextmanager
def _understood() -> Iterator[None]:
    """Raise what onnxruntime raises as an `ExportError`: its exceptions have no parent of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = [kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    raised: tuple[type[Exception], ...] = (*own, RuntimeError)  # the last for types that NumPy does not have
    try:
        yield
    except raised as error:
        raise ExportError(f"onnxruntime does not run the network: {_short(error)}") from error


def require() -> None:
    """Raise a `UsageError` that says what to install, if the extra is missing."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UsageError(f"the format onnx needs {', '.join(missing)}: pip install 'netwright[export]'.")


def _refusal(error: Exception) -> str:
    """Name the operation that has no equivalent, and the user's line that calls it."""
    if (node := failing(error)) is not None:
        return f"{node.target} has no equivalent in ONNX{place(node)}."
    return f"the network cannot be written as ONNX: {_short(error.__cause__ or error)}"


def _short(error: BaseException) -> str:
    """Return the message of an error in one line."""
    return " ".join(str(error).split())[:300]
