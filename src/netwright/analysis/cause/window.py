"""Explain convolutions and pools: channels, groups, dimensions, and kernels larger than the input."""

from netwright.analysis.cause.explanation import Explanation, explains, layer, lines
from netwright.analysis.cause.history import history, made_by
from netwright.arithmetic.shape import show
from netwright.trace.families import CONVOLUTIONS, TRANSPOSED
from netwright.trace.graph import Failure, Graph


@explains(*CONVOLUTIONS, *TRANSPOSED, "linear", "addmm", "matmul", "bmm")
def _dtype(graph: Graph, failure: Failure) -> Explanation | None:
    kinds = {info.dtype for info in failure.inputs}
    if len(kinds) < 2 or not failure.inputs:
        return None
    x, weight = failure.inputs[0], failure.inputs[1]
    fix = f"x = x.to({failure.module or 'self'}.weight.dtype)"
    if "int" in x.dtype or x.dtype == "bool":
        fix = "convert the input to floating point first, `x = x.float()`, scaled as in training"
    return Explanation(
        f"{layer(graph, failure)} computes in {weight.dtype} and gets {x.dtype} from {made_by(graph, x)}.",
        lines(graph, failure),
        fix,
    )


@explains(*CONVOLUTIONS, *TRANSPOSED)
def _rank(graph: Graph, failure: Failure) -> Explanation | None:
    x, weight = failure.inputs[0], failure.inputs[1]
    axes = len(weight.shape) - 2
    unbatched = len(x.shape) == axes + 1 and x.shape[:1] != (graph.batch,)
    if unbatched or len(x.shape) == axes + 2:
        return None
    want = " x ".join(["batch", "channels", *["size"] * axes])
    inside = weight.shape[0] if "transpose" in failure.name else weight.shape[1] * failure.arguments["groups"]
    sizes = show((inside, *x.shape[-axes:])) if len(x.shape) > axes else f"{inside}x…"
    return Explanation(
        f"{layer(graph, failure)} needs {axes + 2} dimensions ({want}) and gets {len(x.shape)}: "
        f"{show(x.shape)} from {made_by(graph, x)}.",
        (*lines(graph, failure), *history(graph, x)),
        f"give the network an input of {axes + 1} dimensions without the batch: --input {sizes}"
        if x.producer is None
        else "keep the dimensions of its input: do not flatten, view or index it before this layer",
    )


@explains(*CONVOLUTIONS, *TRANSPOSED)
def _groups(graph: Graph, failure: Failure) -> Explanation | None:
    x, weight, groups = failure.inputs[0], failure.inputs[1], int(failure.arguments["groups"])
    inside = x.shape[-len(weight.shape) + 1]
    outside = weight.shape[0]
    if groups == 1 or not (outside % groups or inside % groups):
        return None
    fitting = [g for g in range(groups, 0, -1) if inside % g == 0 and outside % g == 0]
    return Explanation(
        f"{layer(graph, failure)} has {groups} groups, which do not divide its {inside} input and "
        f"{outside} output channels.",
        (*lines(graph, failure), f"its input {show(x.shape)} comes from {made_by(graph, x)}"),
        f"groups={fitting[0]}, or channels that are multiples of {groups}",
    )


@explains(*CONVOLUTIONS, *TRANSPOSED)
def _channels(graph: Graph, failure: Failure) -> Explanation | None:
    x, weight, arguments = failure.inputs[0], failure.inputs[1], failure.arguments
    transposed = "transpose" in failure.name
    groups, got = int(arguments["groups"]), x.shape[-len(weight.shape) + 1]
    expected = weight.shape[0] if transposed else weight.shape[1] * groups
    if got == expected:
        return None
    outside = weight.shape[1] * groups if transposed else weight.shape[0]
    return Explanation(
        f"{layer(graph, failure)} expects {expected} channels and gets {got} from {made_by(graph, x)}.",
        (*lines(graph, failure), f"input {show(x.shape)}, weight {show(weight.shape)}", *history(graph, x)),
        _constructor(failure, got, outside),
    )


def _constructor(failure: Failure, inside: int, outside: int) -> str:
    """Return the constructor of the layer as it should be written."""
    arguments, kernel = failure.arguments, failure.inputs[1].shape[2:]
    plain: dict[str, tuple[object, object]] = {
        "stride": (_one(arguments["stride"]), 1),
        "padding": (_one(tuple(pair[0] for pair in arguments["padding"])), 0),
        "output_padding": (_one(arguments.get("output_padding", (0,))), 0),
        "dilation": (_one(arguments["dilation"]), 1),
        "groups": (arguments["groups"], 1),
        "bias": (arguments["bias"] is not None, True),
    }
    options = [f"{name}={value}" for name, (value, default) in plain.items() if value != default]
    kind = "ConvTranspose" if "transpose" in failure.name else "Conv"
    parts = [str(inside), str(outside), str(_one(tuple(kernel))), *options]
    return f"nn.{kind}{len(kernel)}d({', '.join(parts)})"


def _one(values: tuple[int, ...]) -> object:
    return values[0] if len(set(values)) == 1 else values


@explains(*(f"{kind}{n}d" for n in (1, 2, 3) for kind in ("conv", "max_pool", "avg_pool", "lp_pool")))
def _small(graph: Graph, failure: Failure) -> Explanation | None:
    x, arguments = failure.inputs[0], failure.arguments
    kernel = failure.inputs[1].shape[2:] if failure.name.startswith("conv") else arguments["kernel_size"]
    if not isinstance(kernel, tuple) or len(x.shape) <= len(kernel):
        return None
    sizes = [n + sum(p) for n, p in zip(x.shape[-len(kernel) :], arguments["padding"], strict=True)]
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, arguments["dilation"], strict=True)]
    if all(size >= span for size, span in zip(sizes, spans, strict=True)):
        return None
    return Explanation(
        f"{layer(graph, failure)} has a kernel of {show(tuple(spans))}, larger than its padded input of "
        f"{show(tuple(sizes))}.",
        (*lines(graph, failure), *history(graph, x)),
        "use a larger input, fewer strides or pools before it, a smaller kernel, or more padding",
    )
