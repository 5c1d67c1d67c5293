"""Operations that only rearrange a map: views, permutations, slices, splits, concatenations."""

from collections.abc import Sequence
from typing import Any

from netwright.receptive.readers.table import Reaches, reader, several
from netwright.receptive.sets import index_map
from netwright.receptive.sets.reach import Reach, concat, flood, nothing, union
from netwright.trace.graph import Op


@reader(
    "view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "view_as", "reshape_as", "ravel",
    "atleast_1d", "atleast_2d", "atleast_3d",
)  # fmt: skip
def reshape(op: Op, reaches: Reaches) -> Reach:
    """Keep the units in their order; a view as another dtype has other units, which read anything."""
    x, shape = reaches(op.inputs[0]), op.outputs[0].shape
    return x.reshape(shape) if op.outputs[0].elements == op.inputs[0].elements else flood([x], shape)


@reader("expand", "expand_as", "broadcast_to")
def expand(op: Op, reaches: Reaches) -> Reach:
    """Repeat axes of one position."""
    return reaches(op.inputs[0]).broadcast(op.outputs[0].shape)


@reader("permute")
def permute(op: Op, reaches: Reaches) -> Reach:
    """Put the axes in the given order."""
    return reaches(op.inputs[0]).permute(op.arguments["dims"])


@reader("transpose", "swapaxes", "swapdims")
def transpose(op: Op, reaches: Reaches) -> Reach:
    """Exchange two axes."""
    x = reaches(op.inputs[0])
    names = [n for n in ("dim0", "dim1", "axis0", "axis1") if n in op.arguments]
    a, b = (op.arguments[name] % len(x.shape) for name in names)
    order = list(range(len(x.shape)))
    order[a], order[b] = b, a
    return x.permute(order)


@reader("t", "T", "mT", "H", "mH", "adjoint")
def transpose_last(op: Op, reaches: Reaches) -> Reach:
    """Exchange the last two axes, or reverse the order of all axes."""
    x = reaches(op.inputs[0])
    order = list(range(len(x.shape)))
    return x.permute(order[::-1] if op.name in {"t", "T"} else [*order[:-2], order[-1], order[-2]])


@reader("movedim", "moveaxis")
def movedim(op: Op, reaches: Reaches) -> Reach:
    """Move some axes to new places; the others keep their order."""
    x = reaches(op.inputs[0])
    rank = len(x.shape)
    old = [dim % rank for dim in several(op.arguments["source"])]
    new = [dim % rank for dim in several(op.arguments["destination"])]
    rest = iter([dim for dim in range(rank) if dim not in old])
    return x.permute([old[new.index(i)] if i in new else next(rest) for i in range(rank)])


@reader("cat", "hstack", "vstack", "dstack")
def cat(op: Op, reaches: Reaches) -> Reach:
    """Put maps one after the other; an old-style empty tensor is left out."""
    parts = [reaches(tensor) for tensor in op.inputs if tensor.shape != (0,)]
    rank = len(parts[0].shape)
    dim = {"hstack": min(1, rank - 1), "vstack": 0, "dstack": 2}.get(op.name)
    if dim is None:
        dim = op.arguments.get("dim", op.arguments.get("axis", 0)) % rank
    return concat(parts, dim) if rank > dim else flood(parts, op.outputs[0].shape)


@reader("stack")
def stack(op: Op, reaches: Reaches) -> Reach:
    """Put maps side by side along a new axis."""
    dim, parts = op.arguments["dim"], reaches.all(op)
    dim %= len(op.outputs[0].shape)
    return concat([x.reshape((*x.shape[:dim], 1, *x.shape[dim:])) for x in parts], dim)


@reader("chunk", "split", "tensor_split", "split_with_sizes", "unsafe_chunk", "unsafe_split")
def split(op: Op, reaches: Reaches) -> list[Reach]:
    """Cut an axis into pieces that are as long as the outputs."""
    x = reaches(op.inputs[0])
    dim = op.arguments.get("dim", 0) % len(x.shape)
    pieces, start = [], 0
    for output in op.outputs:
        stop = start + output.shape[dim]
        pieces.append(x.take(dim, index_map.strided(x.shape[dim], start, stop)))
        start = stop
    return pieces


@reader("unbind")
def unbind(op: Op, reaches: Reaches) -> list[Reach]:
    """Take each position of an axis by itself."""
    x = reaches(op.inputs[0])
    dim = op.arguments.get("dim", 0) % len(x.shape)
    return [x.select(dim, index) for index in range(len(op.outputs))]


@reader("narrow")
def narrow(op: Op, reaches: Reaches) -> Reach:
    """Take a piece of an axis."""
    x, part = reaches(op.inputs[0]), narrowed(op)
    if part is None:
        return flood([x], op.outputs[0].shape)
    dim = op.arguments["dim"] % len(x.shape)
    return x.take(dim, index_map.strided(x.shape[dim], *part))


def narrowed(op: Op) -> tuple[int, int] | None:
    """Return where the piece that `narrow` takes begins and ends; None where a tensor decides this."""
    a, shape = op.arguments, op.inputs[0].shape
    if not isinstance(a["start"], int):
        return None
    start = a["start"] + (shape[a["dim"]] if a["start"] < 0 else 0)
    return start, start + a["length"]


@reader("select")
def select(op: Op, reaches: Reaches) -> Reach:
    """Take one position of an axis."""
    return reaches(op.inputs[0]).select(op.arguments["dim"], op.arguments["index"])


@reader("index_select", "gather", "take_along_dim", "index", "masked_select", "take")
def looked_up(op: Op, reaches: Reaches) -> Reach:
    """Read positions that a tensor decides: any of the axis, or of the map where no axis is named."""
    x, shape, dim = reaches(op.inputs[0]), op.outputs[0].shape, op.arguments.get("dim")
    others = [reaches(tensor) for tensor in op.inputs[1:]]
    if dim is None or op.name != "index_select":
        return flood([x, *others], shape)
    return union([x.mix(dim, shape[dim]).loosened()], shape)


def whole_index(index: tuple[Any, ...], rank: int) -> list[Any] | None:
    """Return the index with the ellipsis written out; None where it holds tensors, lists or booleans."""
    if not all(map(_plain, index)):
        return None
    used = sum(i is not None and i is not Ellipsis for i in index)
    fill = [slice(None)] * (rank - used)
    place = next((p for p, i in enumerate(index) if i is Ellipsis), len(index))
    return [*index[:place], *fill, *index[place + 1 :]]


def _plain(item: Any) -> bool:
    """Return whether an item of an index is a number, a slice, a new axis or the ellipsis."""
    return item is None or item is Ellipsis or (isinstance(item, int | slice) and not isinstance(item, bool))


@reader("getitem")
def getitem(op: Op, reaches: Reaches) -> Reach:
    """Follow slices, positions, new axes and one list of positions exactly, and tensors as a bound."""
    x, shape = reaches(op.inputs[0]), op.outputs[0].shape
    index = whole_index(op.arguments["index"], len(x.shape))
    if index is None or any(_by_data(item) for item in index):
        return _advanced(op, x, shape)
    dim = 0
    for item in index:
        if item is None:
            continue
        if isinstance(item, int):
            item %= x.shape[dim]
            x = x.take(dim, index_map.strided(x.shape[dim], item, item + 1))
        elif item != slice(None):
            x = x.take(dim, index_map.strided(x.shape[dim], item.start, item.stop, item.step))
        dim += 1
    return x.reshape(shape)


def _by_data(item: Any) -> bool:
    """Return whether a tensor decides an end of a slice."""
    ends = (item.start, item.stop, item.step) if isinstance(item, slice) else ()
    return any(not (end is None or isinstance(end, int)) for end in ends)


def _advanced(op: Op, x: Reach, shape: tuple[int, ...]) -> Reach:
    """Follow a list of positions among full slices exactly; any other index reads the whole map."""
    index = op.arguments["index"]
    listed = [place for place, item in enumerate(index) if isinstance(item, tuple)]
    simple = all(isinstance(item, tuple) or item == slice(None) for item in index if item is not Ellipsis)
    if len(listed) == 1 and simple and all(isinstance(i, int) for i in index[listed[0]]):
        dim = listed[0] if Ellipsis not in index[: listed[0]] else listed[0] - len(index) + len(x.shape)
        size = x.shape[dim]
        return x.take(dim, index_map.listed(size, tuple(i % size for i in index[listed[0]])))
    return flood([x], shape)


@reader("setitem")
def setitem(op: Op, reaches: Reaches) -> Reach:
    """Replace a part of the map; where a tensor decides which, old and new values are a bound."""
    old, index = reaches(op.inputs[0]), whole_index(op.arguments["index"], len(op.inputs[0].shape))
    value = op.arguments["value"]
    new = reaches(value) if hasattr(value, "shape") else nothing(reaches.length, ())
    if index is None or any(_by_data(item) for item in index):
        return flood([old, new], old.shape) if new.terms or new.unknown else old
    return overwritten(old, index, new)


def overwritten(old: Reach, index: Sequence[Any], new: Reach) -> Reach:
    """Return a map of which the part that an index selects reads what the units of another map read."""
    plain = [item for item in index if item is not None]
    kept = [
        index_map.listed(size, tuple(-1 if gone else place for place, gone in enumerate(_picked(item, size))))
        for item, size in zip(plain, old.shape, strict=True)
    ]
    inside = [
        index_map.listed(size, tuple(place if gone else -1 for place, gone in enumerate(_picked(item, size))))
        for item, size in zip(plain, old.shape, strict=True)
    ]
    rest, parts = old, [_placed(new, plain, old.shape)]
    for dim, item in enumerate(plain):
        if item != slice(None):
            parts.append(rest.take(dim, kept[dim]))
            rest = rest.take(dim, inside[dim])
    return union(parts, old.shape)


def _picked(item: Any, size: int) -> list[bool]:
    """Return, for each position of an axis, whether an item of an index selects it."""
    places = {item % size} if isinstance(item, int) else set(range(*item.indices(size)))
    return [place in places for place in range(size)]


def _placed(new: Reach, index: Sequence[Any], shape: tuple[int, ...]) -> Reach:
    """Return the assigned value on the map it is assigned to; the other units read nothing."""
    tables = [
        index_map.placed(size, item, item + 1 or None, None)
        if isinstance(item, int)
        else index_map.placed(size, item.start, item.stop, item.step)
        for item, size in zip(index, shape, strict=True)
    ]
    kept = tuple(t.size for t, item in zip(tables, index, strict=True) if not isinstance(item, int))
    new = _broadcast(new, kept).reshape(tuple(table.size for table in tables))
    for dim, table in enumerate(tables):
        new = new.take(dim, table)
    return new


def _broadcast(new: Reach, shape: tuple[int, ...]) -> Reach:
    """Broadcast as torch does on assignment, which drops surplus axes of one position."""
    sizes = tuple(size for size in new.shape if size != 1)
    if len(new.shape) > len(shape) and sizes:
        new = new.reshape((*[1] * (len(shape) - len(sizes)), *sizes))
    return new.reshape(()).broadcast(shape) if len(new.shape) > len(shape) else new.broadcast(shape)
