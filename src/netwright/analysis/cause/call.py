"""Failures of the call itself, told by their text: inputs, devices, results that are None, dimensions."""

import re

from netwright.analysis.cause.explanation import Explanation, explains, layer, lines
from netwright.analysis.cause.history import history, made_by, place
from netwright.arithmetic.shape import show
from netwright.trace.graph import Failure, Graph


@explains("any")
def _devices(graph: Graph, failure: Failure) -> Explanation | None:
    if "same device" not in failure.message and "not on the expected device" not in failure.message:
        return None
    found = [f"{show(info.shape)} on {info.device} from {made_by(graph, info)}" for info in failure.inputs]
    return Explanation(
        f"{layer(graph, failure)} mixes devices at {failure.where}.",
        (failure.message.splitlines()[0], *found),
        "make new tensors where the data are: torch.zeros(…, device=x.device); register constants with "
        "`self.register_buffer`, so that `.to(device)` moves them",
    )


@explains("any")
def _missing(graph: Graph, failure: Failure) -> Explanation | None:
    found = re.search(r"forward\(\) missing \d+ required positional arguments?: (.+)", failure.message)
    if not found:
        return None
    given = ", ".join(show(info.shape[1:]) for info in graph.inputs)
    at_root = not graph.ops and not failure.module
    return Explanation(
        f"{layer(graph, failure)} needs a further input: {found[1]}.",
        (f"it was given {len(graph.inputs)}: {given}",) if at_root else lines(graph, failure),
        "give each input its shape: --input 3x32x32 --input 10" if at_root else "pass it where it is called",
    )


@explains("any")
def _nothing(graph: Graph, failure: Failure) -> Explanation | None:
    returned = failure.error == "NoOutput"
    if not returned and "NoneType" not in failure.message:
        return None
    silent = [m for m in graph.modules.values() if m.calls and not m.outputs and m.path != failure.module]
    inner = [m for m in silent if m.path] or ([graph.modules[""]] if returned else [])
    if not inner:
        return None
    name = place(graph, inner[-1].path)
    where = () if returned else (f"its result was used at {failure.where}: {failure.message}",)
    return Explanation(
        f"{name} returned None instead of a tensor.", where, "end its `forward` with `return …`"
    )


@explains("any")
def _dimensions(graph: Graph, failure: Failure) -> Explanation | None:
    found = re.search(r"expected (\S+) (?:\(or \S+\) )?input \(got (\d)D input\)", failure.message)
    module = graph.modules.get(failure.module)
    if not found or module is None or not module.inputs:
        return None
    x = module.inputs[0]
    return Explanation(
        f"{layer(graph, failure)} needs {found[1]} and gets {found[2]} dimensions: {show(x.shape)} from "
        f"{made_by(graph, x)}.",
        (*lines(graph, failure), *history(graph, x)),
        "the 1d, 2d or 3d form of the layer that fits, or no flatten before it",
    )
