"""Explain linear layers, norms and embeddings that get another size than they were made for."""

from math import prod

from netwright.analysis.cause.explanation import Explanation, explains, layer, lines
from netwright.analysis.cause.history import folded_by, history, made_by
from netwright.arithmetic.shape import show
from netwright.trace.graph import Failure, Graph


@explains("linear")
def _features(graph: Graph, failure: Failure) -> Explanation | None:
    x, weight = failure.inputs[0], failure.inputs[1]
    if not x.shape or x.shape[-1] == weight.shape[1]:
        return None
    outside, expected = weight.shape
    bias = "" if failure.arguments.get("bias") is not None else ", bias=False"
    fix = f"nn.Linear({x.shape[-1]}, {outside}{bias})"
    if len(x.shape) > 2 and prod(x.shape[1:]) == expected:
        fix = "flatten the input first: `x = x.flatten(1)`"
    folded = folded_by(graph, x)
    if folded is not None:
        fix = f"x.flatten(1) instead of the view, then nn.Linear({prod(folded.shape[1:])}, {outside}{bias})"
    return Explanation(
        f"{layer(graph, failure)} expects {expected} features and gets {x.shape[-1]}: {show(x.shape)} from "
        f"{made_by(graph, x)}.",
        (*lines(graph, failure), *history(graph, x)),
        fix,
    )


@explains("group_norm")
def _group_norm(graph: Graph, failure: Failure) -> Explanation | None:
    x, groups = failure.inputs[0], int(failure.arguments["num_groups"])
    channels = x.shape[1]
    if channels % groups == 0:
        return None
    fitting = max(g for g in range(1, groups + 1) if channels % g == 0)
    return Explanation(
        f"{layer(graph, failure)} has {groups} groups, which do not divide the {channels} channels from "
        f"{made_by(graph, x)}.",
        (*lines(graph, failure), *history(graph, x)),
        f"nn.GroupNorm({fitting}, {channels})",
    )


@explains("batch_norm", "group_norm", "instance_norm", "layer_norm")
def _norm(graph: Graph, failure: Failure) -> Explanation | None:
    x, sizes = failure.inputs[0], [info for info in failure.inputs[1:] if info.parameter]
    if not sizes or len(x.shape) < 2:
        return None
    what = "features" if failure.name == "layer_norm" else "channels"
    got = x.shape[-1] if failure.name == "layer_norm" else x.shape[1]
    module = graph.modules.get(failure.module)
    kind = module.class_name if module else ""
    return Explanation(
        f"{layer(graph, failure)} expects {show(sizes[0].shape)} {what} and gets {got}: "
        f"{show(x.shape)} from {made_by(graph, x)}.",
        (*lines(graph, failure), *history(graph, x)),
        f"nn.{kind}({got})"
        if kind.startswith(("BatchNorm", "InstanceNorm", "LayerNorm")) and len(sizes[0].shape) == 1
        else f"build it for {got} {what}",
    )


@explains("embedding")
def _lookup(graph: Graph, failure: Failure) -> Explanation | None:
    x = next((info for info in failure.inputs if info.parameter is None), None)
    if x is None or "int" in x.dtype:
        return None
    return Explanation(
        f"{layer(graph, failure)} expects integer indices and gets {x.dtype} from {made_by(graph, x)}.",
        lines(graph, failure),
        f"an integer input: --input {show(x.shape[1:])}:int64",
    )
