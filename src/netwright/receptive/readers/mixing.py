"""Operations whose outputs read whole axes: reductions, products, attention, norms, recurrences, losses."""

from netwright.receptive.readers.table import Reaches, reader, several
from netwright.receptive.sets.index_map import flipped, strided
from netwright.receptive.sets.reach import Reach, concat, flood, union
from netwright.trace.graph import Op


def dims_of(op: Op, rank: int, *names: str) -> tuple[int, ...]:
    """Return the axes that an operation names, never negative; all axes when it names none."""
    for name in names:
        value = op.arguments.get(name)
        if value is not None and not isinstance(value, bool):
            dims = several(value)
            if all(isinstance(dim, int) for dim in dims):
                return tuple(dim % rank for dim in dims) or tuple(range(rank))
    return tuple(range(rank))


@reader(
    "sum", "mean", "max", "min", "amax", "amin", "std", "var", "norm", "vector_norm", "linalg_vector_norm",
    "logsumexp", "prod", "argmax", "argmin", "any", "all", "median", "nanmean", "nansum", "nanmedian", "mode",
    "std_mean", "var_mean", "count_nonzero", "aminmax", "kthvalue", "quantile",
)  # fmt: skip
def reduction(op: Op, reaches: Reaches) -> list[Reach]:
    """Read everything along the reduced axes; of two tensors, the same position of each."""
    x = reaches(op.inputs[0])
    if len(op.inputs) > 1:
        return [union(reaches.all(op), op.outputs[0].shape)]
    rank = len(x.shape)
    for dim in dims_of(op, rank, "dim", "axis") if rank else ():
        x = x.mix(dim, 1)
    return [x.reshape(output.shape) for output in op.outputs]


@reader(
    "softmax", "log_softmax", "softmin", "gumbel_softmax", "sort", "argsort", "topk", "msort", "normalize",
    "layer_softmax",
)  # fmt: skip
def along(op: Op, reaches: Reaches) -> list[Reach]:
    """Read the whole axis at every output along it."""
    x, rank = reaches(op.inputs[0]), len(op.inputs[0].shape)
    default = (
        (rank - 1,) if op.name in {"sort", "argsort", "topk"} and op.arguments.get("dim") is None else ()
    )
    for dim in default or dims_of(op, rank, "dim"):
        x = x.mix(dim, op.outputs[0].shape[dim])
    return [x] * len(op.outputs)


@reader("renorm")
def renorm(op: Op, reaches: Reaches) -> Reach:
    """Read the whole slice along an axis, which is scaled by its own norm."""
    x = reaches(op.inputs[0])
    for dim in range(len(x.shape)):
        if dim != op.arguments["dim"] % len(x.shape):
            x = x.mix(dim, x.shape[dim])
    return x


@reader("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp")
def running(op: Op, reaches: Reaches) -> list[Reach]:
    """Read the positions along an axis that are at or before the output."""
    return [reaches(op.inputs[0]).running(op.arguments["dim"])] * len(op.outputs)


@reader("linear")
def linear(op: Op, reaches: Reaches) -> Reach:
    """Read the whole last axis."""
    x = reaches(op.inputs[0])
    return x.mix(len(x.shape) - 1, op.outputs[0].shape[-1]).reshape(op.outputs[0].shape)


@reader("matmul", "bmm", "mm", "mv", "dot", "inner_product")
def matmul(op: Op, reaches: Reaches) -> Reach:
    """Read a row of the first factor and a column of the second."""
    return _product(reaches(op.inputs[0]), reaches(op.inputs[1]), op.outputs[0].shape)


@reader("addmm", "baddbmm", "addmv", "addbmm")
def addmm(op: Op, reaches: Reaches) -> Reach:
    """Read what a matrix product and the tensor added to it read."""
    added, first, second = reaches.all(op)[:3]
    shape = op.outputs[0].shape
    if op.name == "addbmm":
        return flood([added, first, second], shape)
    return union([added, _product(first, second, shape)], shape)


def _product(first: Reach, second: Reach, shape: tuple[int, ...]) -> Reach:
    """Return what a matrix product reads, with torch's rules for vectors and batches."""
    row, column = len(first.shape) == 1, len(second.shape) == 1
    if row:
        first = first.reshape((1, *first.shape))
    if column:
        second = second.reshape((*second.shape, 1))
    a = first.mix(len(first.shape) - 1, 1)
    b = second.mix(len(second.shape) - 2, 1)
    lead = shape[: len(shape) - (not row) - (not column)]
    full = (*lead, a.shape[-2], b.shape[-1])
    return union([a, b], full).reshape(shape)


@reader("einsum")
def einsum(op: Op, reaches: Reaches) -> Reach:
    """Read axes whose letters the result lacks as a whole; the others keep their positions."""
    shape = op.outputs[0].shape
    sides = op.arguments["equation"].replace(" ", "").split("->")
    operands = [_spelled(side, len(t.shape)) for side, t in zip(sides[0].split(","), op.inputs, strict=True)]
    letters = "".join(operands)
    counted = "".join(sorted(c for c in set(letters) if letters.count(c) == 1 and c.isalpha()))
    spare = max(("".join(c for c in o if c.isdigit()) for o in operands), key=len)
    result = sides[1] if len(sides) > 1 else ("..." if spare else "") + counted
    result = result.replace("...", spare)
    if any(len(set(operand)) < len(operand) for operand in operands):
        return flood(reaches.all(op), shape)
    parts = [
        _aligned(reaches(tensor), operand, result)
        for tensor, operand in zip(op.inputs, operands, strict=True)
    ]
    return union(parts, shape)


def _spelled(side: str, rank: int) -> str:
    """Return subscripts with the ellipsis written out as digits, counted from the end."""
    spare = rank - len(side.replace("...", ""))
    return side.replace("...", "".join(str(digit) for digit in reversed(range(spare))))


def _aligned(x: Reach, operand: str, result: str) -> Reach:
    """Return an operand with its axes in the order of the result, of one position where it has none."""
    for dim, letter in enumerate(operand):
        if letter not in result:
            x = x.mix(dim, 1)
    kept = [letter for letter in result if letter in operand]
    order = [operand.index(letter) for letter in kept]
    gone = [dim for dim in range(len(operand)) if dim not in order]
    sizes = {letter: x.shape[operand.index(letter)] for letter in kept}
    return x.permute([*gone, *order]).reshape(tuple(sizes.get(letter, 1) for letter in result))


@reader("scaled_dot_product_attention")
def attention(op: Op, reaches: Reaches) -> Reach:
    """Read the query of the output and all keys and values, or with a causal mask those at or before it.

    Another mask may hide some of them, unless it is trained: then it is a bias and hides nothing.
    """
    a, shape = op.arguments, op.outputs[0].shape
    query = reaches(a["query"])
    parts = [query.mix(len(query.shape) - 1, 1)]
    for name in ("key", "value"):
        x = reaches(a[name])
        rank = len(x.shape)
        x = x if name == "value" else x.mix(rank - 1, 1)
        if a["is_causal"] and x.shape[-2] == shape[-2]:
            parts.append(_heads(x.running(rank - 2), shape))
        else:
            parts.append(_heads(x.mix(rank - 2, 1), shape))
    if a["attn_mask"] is not None:
        mask = reaches(a["attn_mask"])
        parts.append(mask.mix(len(mask.shape) - 1, 1))
    result = union(parts, shape)
    hides = a["attn_mask"] is not None and not a["attn_mask"].requires_grad
    return result.loosened() if hides or _cropped(op) else result


def _cropped(op: Op) -> bool:
    """Return whether a causal mask cuts keys that are not as many as the queries."""
    return bool(op.arguments["is_causal"]) and op.arguments["key"].shape[-2] != op.outputs[0].shape[-2]


def _heads(x: Reach, shape: tuple[int, ...]) -> Reach:
    """Read all heads of keys and values where groups of queries share them."""
    if len(x.shape) < 3 or x.shape[-3] in (1, shape[-3]):
        return x
    return x.mix(len(x.shape) - 3, 1)


@reader("layer_norm", "rms_norm", "native_layer_norm")
def layer_norm(op: Op, reaches: Reaches) -> Reach:
    """Read the same position; strictly, all of the normalised axes."""
    x = reaches(op.inputs[0])
    over = len(op.arguments["normalized_shape"])
    return _statistics(x, range(len(x.shape) - over, len(x.shape)), strict=op.index in reaches.strict)


@reader("group_norm")
def group_norm(op: Op, reaches: Reaches) -> Reach:
    """Read the same position; strictly, the space and the group's channels (here all, as a bound)."""
    x = reaches(op.inputs[0])
    strict = op.index in reaches.strict
    result = _statistics(x, range(1, len(x.shape)), strict=strict)
    grouped = strict and op.arguments["num_groups"] > 1 and any(1 in dims for dims, _ in x.terms)
    return result.loosened() if grouped else result


@reader("instance_norm", "local_response_norm")
def instance_norm(op: Op, reaches: Reaches) -> Reach:
    """Read the same position; strictly, the whole space. Local response reads across channels."""
    x = reaches(op.inputs[0])
    over = range(2, len(x.shape)) if op.name == "instance_norm" else range(1, 2)
    return _statistics(x, over, strict=op.index in reaches.strict or op.name != "instance_norm")


@reader("batch_norm")
def batch_norm(op: Op, reaches: Reaches) -> Reach:
    """Read the same position; strictly, the whole space and batch."""
    x = reaches(op.inputs[0])
    over = [0, *range(2, len(x.shape))]
    return _statistics(x, over, strict=op.index in reaches.strict)


def _statistics(x: Reach, over: range | list[int], *, strict: bool) -> Reach:
    """Return the map after a normalisation over some axes."""
    for dim in over if strict else ():
        x = x.mix(dim, x.shape[dim])
    return x


@reader("lstm", "gru", "rnn_tanh", "rnn_relu")
def recurrent(op: Op, reaches: Reaches) -> list[Reach]:
    """Read the steps at or before the output, in both directions if bidirectional; final states, all."""
    x = reaches(op.inputs[0])
    states = [reaches(tensor) for tensor in op.inputs[1:] if not tensor.parameter]
    if len(x.shape) != 3 or any(state.terms for state in states):
        return [flood([x, *states], output.shape) for output in op.outputs]
    time = 1 if op.arguments.get("batch_first") else 0
    steps = x.mix(2, op.outputs[0].shape[2])
    steps = _both_ways(steps, time, op) if op.arguments.get("bidirectional") else steps.running(time)
    final = x.mix(2, 1).mix(time, 1)
    final = final.reshape((1, final.shape[1 - time], 1))
    return [steps, *(final.broadcast(output.shape) for output in op.outputs[1:])]


def _both_ways(steps: Reach, time: int, op: Op) -> Reach:
    """Return what both directions read: half of one layer's features each; all, with more layers."""
    if op.arguments["num_layers"] > 1:
        return steps.mix(time, steps.shape[time])
    back = flipped(steps.shape[time])
    half = strided(steps.shape[2], 0, steps.shape[2] // 2)
    forward, backward = steps.running(time), steps.take(time, back).running(time).take(time, back)
    return concat([forward.take(2, half), backward.take(2, half)], 2)


@reader("fft", "ifft", "rfft", "irfft", "fft_fft", "fft_ifft", "fft_rfft", "fft_irfft", "hfft", "ihfft")
def fourier(op: Op, reaches: Reaches) -> Reach:
    """Read the whole of one axis."""
    x = reaches(op.inputs[0])
    dim = op.arguments.get("dim", -1) % len(x.shape)
    return x.mix(dim, op.outputs[0].shape[dim])


@reader(
    "fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn", "fft_fft2", "fft_ifft2",
    "fft_rfft2", "fft_irfft2", "fft_fftn", "fft_ifftn", "fft_rfftn", "fft_irfftn",
)  # fmt: skip
def fourier_plane(op: Op, reaches: Reaches) -> Reach:
    """Read the whole of several axes."""
    x = reaches(op.inputs[0])
    rank = len(x.shape)
    named = op.arguments.get("dim")
    dims = tuple(range(rank - 2 if op.name.endswith("2") else 0, rank)) if named is None else named
    for dim in dims:
        x = x.mix(dim % rank, op.outputs[0].shape[dim])
    return x


@reader(
    "cross_entropy", "nll_loss", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "kl_div",
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "ctc_loss", "cosine_similarity", "cdist",
    "pairwise_distance", "grid_sample", "affine_grid", "bilinear", "max_unpool1d", "max_unpool2d",
    "max_unpool3d", "embedding_bag", "scatter", "scatter_add", "scatter_reduce", "index_add", "index_copy",
    "index_put", "index_fill", "masked_scatter", "diagonal", "diag_embed", "diag", "kron", "outer", "ger",
    "tensordot", "meshgrid", "multi_head_attention", "rot90", "stft", "istft", "inverse", "det", "cov",
    "bincount", "nonzero", "unique", "searchsorted", "rnn_tanh_cell", "rnn_relu_cell", "lstm_cell",
    "gru_cell", "spectral_norm", "fractional_max_pool2d", "fractional_max_pool3d", "view_as_real",
    "view_as_complex", "complex_view", "cross", "linalg_cross",
)  # fmt: skip
def anything(op: Op, reaches: Reaches) -> list[Reach]:
    """Read everything, as a bound: a tensor decides the positions, or the order is not followed."""
    return [flood(reaches.all(op), output.shape) for output in op.outputs]
