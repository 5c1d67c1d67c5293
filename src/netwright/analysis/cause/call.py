"""Explain failures of the call itself: inputs, devices, results that are None, dimensions."""

import re

from netwright.analysis.cause.explanation import Explanation, explains, layer, lines
from netwright.analysis.cause.history import history, made_by, place
from netwright.arithmetic.shape import show
from netwright.trace.graph import Failure, Graph


@explains("any")
def _devices(graph: Graph, failure: Failure) -> Explanation | None:
    mixes = failure.error == "DeviceMixError" or "same device" in failure.message
    if not mixes and "not on the expected device" not in failure.message:
        return None
    placed = [(info, f"{show(info.shape) or 'a number'} on {info.device}") for info in failure.inputs]
    origins = [f"{text} from {made_by(graph, info)}" for info, text in placed]
    return Explanation(
        f"{layer(graph, failure)} mixes devices at {failure.where}.",
        (failure.message.splitlines()[0], *origins),
        "create tensors on the device of the data, torch.zeros(…, device=x.device), and register constants "
        "with `self.register_buffer`, so that `.to(device)` moves them",
    )


@explains("any")
def _missing(graph: Graph, failure: Failure) -> Explanation | None:
    match = re.search(r"forward\(\) missing \d+ required positional arguments?: (.+)", failure.message)
    if not match:
        return None
    given = ", ".join(show(info.shape[1:]) for info in graph.inputs)
    at_root = not graph.ops and not failure.module
    return Explanation(
        f"{layer(graph, failure)} needs another input: {match[1]}.",
        (f"it was given {_inputs(len(graph.inputs))}: {given}",) if at_root else lines(graph, failure),
        "give the shape of each input: --input 3x32x32 --input 10" if at_root else "pass it in the call",
    )


def _inputs(count: int) -> str:
    return "1 input" if count == 1 else f"{count} inputs"


@explains("any")
def _too_many(graph: Graph, failure: Failure) -> Explanation | None:
    match = re.search(
        r"forward\(\) takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) w", failure.message
    )
    if not match:
        return None
    takes, given = (int(count) - 1 for count in match.groups())
    at_root = not graph.ops and not failure.module
    shapes = ", ".join(show(info.shape[1:]) for info in graph.inputs)
    return Explanation(
        f"{layer(graph, failure)} takes {_inputs(takes)} and is given {given}.",
        (f"it was given {shapes}",) if at_root else lines(graph, failure),
        f"give --input {takes} times only, or add parameters to `forward`"
        if at_root
        else "call it with the inputs that its `forward` takes",
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
    silent_one = inner[-1]
    steps = {"built": silent_one.built, "called": silent_one.called}
    evidence = [f"{verb} at {line}" for verb, line in steps.items() if line is not None]
    if not returned:
        evidence.append(f"its result was used at {failure.where}: {failure.message}")
    return Explanation(
        f"{place(graph, silent_one.path)} returned None instead of a tensor.",
        tuple(evidence),
        "end its `forward` with a `return` statement",
    )


@explains("any")
def _dimensions(graph: Graph, failure: Failure) -> Explanation | None:
    match = re.search(r"expected (\S+) (?:\(or \S+\) )?input \(got (\d)D input\)", failure.message)
    module = graph.modules.get(failure.module)
    if not match or module is None or not module.inputs:
        return None
    x = module.inputs[0]
    return Explanation(
        f"{layer(graph, failure)} needs {match[1]} and gets {match[2]} dimensions: {show(x.shape)} from "
        f"{made_by(graph, x)}.",
        (*lines(graph, failure), *history(graph, x)),
        "use the 1d, 2d or 3d form of the layer that fits, or do not flatten before it",
    )
