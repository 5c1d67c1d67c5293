"""Explain branches that do not fit together, and views that do not fit the data."""

from math import prod

from netwright.analysis.cause.explanation import Explanation, explains, layer
from netwright.analysis.cause.history import folded_by, history, made_by, parting
from netwright.arithmetic.shape import show
from netwright.trace.graph import Failure, Graph, TensorInfo


@explains("add", "sub", "mul", "div", "cat", "stack", "where", "maximum", "minimum", "addcmul", "lerp")
def _branches(graph: Graph, failure: Failure) -> Explanation | None:
    data = [info for info in failure.inputs if info.shape]
    if len(data) < 2:
        return None
    first = data[0]
    second = next((info for info in data[1:] if info.shape != first.shape), data[1])
    common, one, other = parting(graph, first, second)
    verb = {"cat": "concatenated", "stack": "stacked"}.get(failure.name, "combined element by element")
    start = [f"both come from {made_by(graph, common)}, {show(common.shape)}"] if common else []
    return Explanation(
        f"{layer(graph, failure)}: {show(first.shape)} and {show(second.shape)} cannot be {verb} "
        f"at {failure.where}.",
        (*start, "one branch:", *one, "the other:", *other),
        _branch_fix(graph, failure, first, second),
    )


def _branch_fix(graph: Graph, failure: Failure, first: TensorInfo, second: TensorInfo) -> str:
    folded = folded_by(graph, first) or folded_by(graph, second)
    if folded is not None:
        return "a view merged the batch with another axis; use flatten(1), which keeps the batch"
    if len(first.shape) != len(second.shape):
        return "bring both to the same number of dimensions"
    dim = failure.arguments.get("dim", -1) if failure.name == "cat" else -1
    pairs = zip(first.shape, second.shape, strict=True)
    wrong = [axis for axis, (a, b) in enumerate(pairs) if a != b and axis != dim]
    if wrong == [1]:
        return f"a 1x1 convolution on one branch: nn.Conv2d({second.shape[1]}, {first.shape[1]}, 1)"
    return (
        "the same padding and stride in both branches (kernel 3 keeps the size with padding 1), or "
        "F.interpolate(b, size=a.shape[2:]) before it"
    )


@explains("view", "reshape", "unflatten")
def _view(graph: Graph, failure: Failure) -> Explanation | None:
    x = failure.inputs[0]
    size = failure.arguments.get("size", failure.arguments.get("shape"))
    if "invalid for input of size" not in failure.message:
        return None
    return Explanation(
        f"{layer(graph, failure)}: {show(x.shape)} from {made_by(graph, x)} cannot be viewed as {size} at "
        f"{failure.where}.",
        (
            f"an example has {prod(x.shape[1:])} numbers; a view that starts with -1 would merge examples",
            *history(graph, x),
        ),
        f"use x.flatten(1), which gives {prod(x.shape[1:])} features for each example",
    )
