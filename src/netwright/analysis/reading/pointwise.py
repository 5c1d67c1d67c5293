"""Operations whose every output reads the same place of each input, and those that read nothing."""

from netwright.analysis.reading.rule import Reader, rule
from netwright.arithmetic.receptive import Reach, nothing, union
from netwright.arithmetic.taps import strided
from netwright.trace.families import POINTWISE
from netwright.trace.graph import Op

CONSTANT = (
    "zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "randint_like",
    "new_zeros", "new_ones", "new_empty", "new_full", "new_tensor", "zero", "fill", "normal", "uniform",
)  # fmt: skip


@rule(*POINTWISE)
def pointwise(op: Op, reader: Reader) -> Reach:
    """The union of what the inputs read, broadcast as torch does."""
    return union(reader.all(op), op.outputs[0].shape)


@rule(*CONSTANT)
def constant(op: Op, reader: Reader) -> Reach:
    """Nothing: new values of a known shape."""
    return nothing(reader.extent, op.outputs[0].shape)


@rule("copy")
def copy(op: Op, reader: Reader) -> Reach:
    """In-place copy: the source alone, the old values are gone."""
    return union([reader(op.inputs[1])], op.outputs[0].shape)


@rule("glu")
def glu(op: Op, reader: Reader) -> Reach:
    """Each half of the gated axis, side by side."""
    x, dim = reader(op.inputs[0]), op.arguments["dim"] % len(op.inputs[0].shape)
    half = x.shape[dim] // 2
    halves = [x.take(dim, strided(2 * half, 0, half)), x.take(dim, strided(2 * half, half, 2 * half))]
    return union(halves, op.outputs[0].shape)


@rule("embedding", "one_hot")
def embedding(op: Op, reader: Reader) -> Reach:
    """A new last axis; every entry of it reads the one index."""
    indices = next(tensor for tensor in op.inputs if not tensor.parameter)
    x = reader(indices)
    return x.reshape((*x.shape, 1)).broadcast(op.outputs[0].shape)
