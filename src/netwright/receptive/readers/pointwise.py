"""Operations whose every output reads the same position of each input, and those that read nothing."""

from netwright.receptive.readers.table import Reaches, reader
from netwright.receptive.sets.index_map import strided
from netwright.receptive.sets.reach import Reach, nothing, union
from netwright.trace.families import POINTWISE
from netwright.trace.graph import Op

CONSTANT = (
    "zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "randint_like",
    "new_zeros", "new_ones", "new_empty", "new_full", "new_tensor", "zero", "fill", "normal", "uniform",
)  # fmt: skip


@reader(*POINTWISE)
def pointwise(op: Op, reaches: Reaches) -> Reach:
    """Read what any input reads at the same position, broadcast as torch does."""
    return union(reaches.all(op), op.outputs[0].shape)


@reader(*CONSTANT)
def constant(op: Op, reaches: Reaches) -> Reach:
    """Read nothing: the values are new."""
    return nothing(reaches.length, op.outputs[0].shape)


@reader("copy")
def copy(op: Op, reaches: Reaches) -> Reach:
    """Read what the source of an in-place copy reads, and no longer the old values."""
    return union([reaches(op.inputs[1])], op.outputs[0].shape)


@reader("glu")
def glu(op: Op, reaches: Reaches) -> Reach:
    """Read the same position in both halves of the gated axis."""
    x, dim = reaches(op.inputs[0]), op.arguments["dim"] % len(op.inputs[0].shape)
    half = x.shape[dim] // 2
    halves = [x.take(dim, strided(2 * half, 0, half)), x.take(dim, strided(2 * half, half, 2 * half))]
    return union(halves, op.outputs[0].shape)


@reader("embedding", "one_hot")
def embedding(op: Op, reaches: Reaches) -> Reach:
    """Read the index at every position of the new last axis."""
    indices = next(tensor for tensor in op.inputs if not tensor.parameter)
    x = reaches(indices)
    return x.reshape((*x.shape, 1)).broadcast(op.outputs[0].shape)
