"""Operations that move along axes: windows, bins, interpolation, padding, shuffles, repetition."""

from netwright.receptive.readers.table import Reaches, reader, several
from netwright.receptive.sets import index_map, interpolation
from netwright.receptive.sets.index_map import IndexMap
from netwright.receptive.sets.reach import Reach, flood
from netwright.trace.graph import Op


def mixed_channels(x: Reach, dim: int, out: int, groups: int) -> Reach:
    """Return the map with `out` channels along `dim`, each of which reads all channels of its group."""
    if groups == 1 or not any(dim in dims for dims, _ in x.terms):
        return x.mix(dim, out)
    inside = x.shape[dim]
    grouped = x.reshape((*x.shape[:dim], groups, inside // groups, *x.shape[dim + 1 :]))
    mixed = grouped.mix(dim + 1, out // groups)
    return mixed.reshape((*x.shape[:dim], out, *x.shape[dim + 1 :]))


@reader("conv1d", "conv2d", "conv3d")
def convolution(op: Op, reaches: Reaches) -> Reach:
    """Read a window along each axis of space, in all channels of the group."""
    a, out = op.arguments, op.outputs[0].shape
    x, kernel = reaches(a["input"]), a["weight"].shape[2:]
    first = len(x.shape) - len(kernel)
    for axis, k in enumerate(kernel):
        size, step, pad, d = x.shape[first + axis], a["stride"][axis], a["padding"][axis], a["dilation"][axis]
        x = x.take(first + axis, index_map.window(size, k, step, pad, d))
    return mixed_channels(x, first - 1, out[first - 1], a["groups"])


@reader("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def transposed(op: Op, reaches: Reaches) -> Reach:
    """Read a transposed window along each axis of space, in all channels of the group."""
    a, out = op.arguments, op.outputs[0].shape
    x, kernel = reaches(a["input"]), a["weight"].shape[2:]
    first = len(x.shape) - len(kernel)
    for axis, k in enumerate(kernel):
        pad, extra = a["padding"][axis][0], a["output_padding"][axis]
        table = index_map.transposed(
            x.shape[first + axis], k, a["stride"][axis], pad, extra, a["dilation"][axis]
        )
        x = x.take(first + axis, table)
    return mixed_channels(x, first - 1, out[first - 1], a["groups"])


@reader(
    "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
    "lp_pool1d", "lp_pool2d", "lp_pool3d", "max_pool1d_with_indices", "max_pool2d_with_indices",
    "max_pool3d_with_indices",
)  # fmt: skip
def pooling(op: Op, reaches: Reaches) -> list[Reach]:
    """Read a window along each axis of space; indices read what values read."""
    a, x = op.arguments, reaches(op.inputs[0])
    first = len(x.shape) - len(a["kernel_size"])
    for axis, k in enumerate(a["kernel_size"]):
        rest = (a["stride"][axis], a["padding"][axis], a["dilation"][axis], bool(a["ceil_mode"]))
        x = x.take(first + axis, index_map.window(x.shape[first + axis], k, *rest))
    return [x] * len(op.outputs)


@reader(
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
    "adaptive_max_pool2d", "adaptive_max_pool3d", "adaptive_max_pool1d_with_indices",
    "adaptive_max_pool2d_with_indices", "adaptive_max_pool3d_with_indices",
)  # fmt: skip
def adaptive(op: Op, reaches: Reaches) -> list[Reach]:
    """Read a bin along each axis of space."""
    x, sizes = reaches(op.inputs[0]), op.arguments["output_size"]
    first = len(x.shape) - len(sizes)
    for axis, size in enumerate(sizes):
        x = x.take(first + axis, index_map.bins(x.shape[first + axis], size))
    return [x] * len(op.outputs)


@reader("interpolate", "upsample", "upsample_nearest", "upsample_bilinear")
def interpolate(op: Op, reaches: Reaches) -> Reach:
    """Read the neighbours of the source point along each axis of space."""
    a, x = op.arguments, reaches(op.inputs[0])
    mode = {"upsample_nearest": "nearest", "upsample_bilinear": "bilinear"}.get(op.name) or a["mode"]
    align = bool(a.get("align_corners")) or op.name == "upsample_bilinear"
    given = None if a.get("recompute_scale_factor") else a.get("scale_factor")
    sizes = op.outputs[0].shape[2:]
    for axis, out in enumerate(sizes):
        factor = None if given is None else float(given[axis])
        table = _interpolation(mode, x.shape[2 + axis], out, factor, (align, bool(a.get("antialias"))))
        x = x.take(2 + axis, table)
    return x.loosened() if a.get("antialias") else x


def _interpolation(mode: str, size: int, out: int, factor: float | None, how: tuple[bool, bool]) -> IndexMap:
    """Return the index map of a mode; `how` is whether corners align and whether it is antialiased."""
    align_corners, antialias = how
    if antialias:
        return interpolation.smoothed(size, out, factor, align_corners, 4 if mode == "bicubic" else 2)
    if mode.startswith("nearest"):
        return interpolation.nearest(size, out, factor, mode == "nearest-exact")
    if mode == "area":
        return index_map.bins(size, out)
    if mode == "bicubic":
        return interpolation.cubic(size, out, factor, align_corners)
    return interpolation.linear(size, out, factor, align_corners)


@reader("pad", "constant_pad_nd")
def pad(op: Op, reaches: Reaches) -> Reach:
    """Add positions before and after each axis, the last axis first; a constant reads nothing."""
    x, pads = reaches(op.inputs[0]), op.arguments["pad"]
    mode = op.arguments.get("mode", "constant")
    for place in range(len(pads) // 2):
        dim = len(x.shape) - 1 - place
        before, after = pads[2 * place : 2 * place + 2]
        if before or after:
            x = x.take(dim, index_map.padded(x.shape[dim], before, after, mode))
    return x


@reader("flip", "fliplr", "flipud")
def flip(op: Op, reaches: Reaches) -> Reach:
    """Read axes backwards."""
    x = reaches(op.inputs[0])
    dims = op.arguments.get("dims", (1,) if op.name == "fliplr" else (0,))
    for dim in several(dims):
        x = x.take(dim % len(x.shape), index_map.flipped(x.shape[dim]))
    return x


@reader("roll")
def roll(op: Op, reaches: Reaches) -> Reach:
    """Rotate axes; where none is named, rotate the flattened map."""
    x = reaches(op.inputs[0])
    shifts, dims = several(op.arguments["shifts"]), several(op.arguments.get("dims") or ())
    if not dims:
        flat = x.reshape((op.inputs[0].elements,))
        return flat.take(0, index_map.rolled(flat.shape[0], shifts[0])).reshape(x.shape)
    for shift, dim in zip(shifts, dims, strict=True):
        x = x.take(dim, index_map.rolled(x.shape[dim], shift))
    return x


@reader("fft_fftshift", "fft_ifftshift", "fftshift", "ifftshift")
def shifted(op: Op, reaches: Reaches) -> Reach:
    """Exchange the halves of axes; where none is named, of all axes."""
    x = reaches(op.inputs[0])
    named, rank = op.arguments.get("dim"), len(x.shape)
    for dim in range(rank) if named is None else several(named):
        size = x.shape[dim % rank]
        x = x.take(dim % rank, index_map.rolled(size, (size + 1) // 2 if "ifft" in op.name else size // 2))
    return x


@reader("pixel_shuffle")
def pixel_shuffle(op: Op, reaches: Reaches) -> Reach:
    """Move channels into space: c·r·r, h, w to c, h·r, w·r (Shi et al. 2016)."""
    x, r = reaches(op.inputs[0]), op.arguments["upscale_factor"]
    *lead, c, h, w = x.shape
    n = len(lead)
    apart = x.reshape((*lead, c // r**2, r, r, h, w))
    return apart.permute((*range(n + 1), n + 3, n + 1, n + 4, n + 2)).reshape(op.outputs[0].shape)


@reader("pixel_unshuffle")
def pixel_unshuffle(op: Op, reaches: Reaches) -> Reach:
    """Move space into channels: c, h·r, w·r to c·r·r, h, w."""
    x, r = reaches(op.inputs[0]), op.arguments["downscale_factor"]
    *lead, c, h, w = x.shape
    n = len(lead)
    apart = x.reshape((*lead, c, h // r, r, w // r, r))
    return apart.permute((*range(n + 1), n + 2, n + 4, n + 1, n + 3)).reshape(op.outputs[0].shape)


@reader("channel_shuffle", "native_channel_shuffle")
def channel_shuffle(op: Op, reaches: Reaches) -> Reach:
    """Interleave the channels of the groups (Zhang et al. 2017, ShuffleNet)."""
    x, groups = reaches(op.inputs[0]), op.arguments["groups"]
    b, c, *space = x.shape
    order = (0, 2, 1, *range(3, 3 + len(space)))
    return x.reshape((b, groups, c // groups, *space)).permute(order).reshape(x.shape)


@reader("unfold", "im2col")
def unfold(op: Op, reaches: Reaches) -> Reach:
    """Keep windows apart: of one axis (`Tensor.unfold`), or of two as columns (`functional.unfold`)."""
    a, x = op.arguments, reaches(op.inputs[0])
    if "dimension" in a:
        dim, last = a["dimension"], len(x.shape)
        apart = x.spread(dim, index_map.window(x.shape[dim], a["size"], a["step"]))
        return apart.permute((*range(dim + 1), *range(dim + 2, last + 1), dim + 1))
    lead = len(x.shape) - 2
    rest = list(zip(a["kernel_size"], a["stride"], a["padding"], a["dilation"], strict=True))
    x = x.spread(lead + 1, index_map.window(x.shape[lead + 1], *rest[1]))
    x = x.spread(lead, index_map.window(x.shape[lead], *rest[0]))
    order = (*range(lead), lead + 1, lead + 3, lead, lead + 2)
    return x.permute(order).reshape(op.outputs[0].shape)


@reader("fold", "col2im")
def fold(op: Op, reaches: Reaches) -> Reach:
    """Add columns back to the positions they came from."""
    a, x = op.arguments, reaches(op.inputs[0])
    sizes = op.outputs[0].shape
    lead, (h, w) = sizes[:-2], sizes[-2:]
    steps = zip(a["stride"], a["padding"], a["dilation"], strict=True)
    (kh, kw), rest = a["kernel_size"], [(step, pads[0], d) for step, pads, d in steps]
    rows = index_map.window(h, kh, *rest[0]).out
    columns = index_map.window(w, kw, *rest[1]).out
    n = len(lead)
    apart = x.reshape((*lead, kh, kw, rows, columns)).permute((*range(n), n, n + 2, n + 1, n + 3))
    flat = apart.reshape((*lead, kh * rows, kw * columns))
    return flat.take(n, index_map.folded(h, kh, *rest[0])).take(n + 1, index_map.folded(w, kw, *rest[1]))


@reader("repeat_interleave")
def repeat_interleave(op: Op, reaches: Reaches) -> Reach:
    """Repeat each position several times in a row; a tensor may decide how often."""
    x, times, dim = reaches(op.inputs[0]), op.arguments["repeats"], op.arguments.get("dim")
    if not isinstance(times, int):
        return flood([x], op.outputs[0].shape)
    if dim is None:
        x, dim = x.reshape((op.inputs[0].elements,)), 0
    return x.take(dim, index_map.repeated(x.shape[dim], times))


def _tile(sizes: tuple[int, ...], out: tuple[int, ...]) -> tuple[int, ...]:
    """Return how often each axis is repeated, with the axes of the map aligned at the end."""
    padded = (1,) * (len(out) - len(sizes)) + sizes
    return tuple(o // s if s else 1 for o, s in zip(out, padded, strict=True))


@reader("repeat", "tile")
def repeat(op: Op, reaches: Reaches) -> Reach:
    """Repeat the whole map, with new axes in front."""
    x, out = reaches(op.inputs[0]), op.outputs[0].shape
    times = _tile(x.shape, out)
    x = x.broadcast((*[1] * (len(out) - len(x.shape)), *x.shape))
    for dim, count in enumerate(times):
        if count > 1:
            x = x.take(dim, index_map.tiled(x.shape[dim], count))
    return x
