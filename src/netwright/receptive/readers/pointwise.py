"""Operations whose every output reads the same place of each input, and those that read nothing."""

from netwright.receptive.readers.table import Reaches, reader
from netwright.receptive.sets.index_map import strided
from netwright.receptive.sets.reach import Reach, nothing, union
from netwright.trace.graph import Op

POINTWISE = frozenset(
    """
    abs acos acosh add addcdiv addcmul alpha_dropout and angle asin asinh atan atan2 atanh bernoulli
    bfloat16 bitwise_and bitwise_not bitwise_or bitwise_xor bool byte ceil celu clamp clamp_max clamp_min
    clip clone complex conj contiguous copysign cos cosh cpu cuda data deg2rad detach div double dropout
    dropout1d dropout2d dropout3d elu eq erf erfc erfinv exp exp2 expm1 feature_alpha_dropout
    feature_dropout float floor floor_divide fmax fmin fmod frac ge gelu gt half hardshrink hardsigmoid
    hardswish hardtanh heaviside hypot imag int invert isclose isfinite isinf isnan ldexp le leaky_relu
    lerp lgamma log log10 log1p log2 logaddexp logical_and logical_not logical_or logical_xor logit
    logsigmoid long lt masked_fill maximum minimum mish mul mvlgamma nan_to_num ne neg negative or polar
    pos positive pow prelu rad2deg real reciprocal relu relu6 remainder round rrelu rsqrt rsub selu sgn
    sigmoid sign signbit silu sin sinc sinh softplus softshrink softsign sqrt square sub tan tanh
    tanhshrink threshold to tril triu trunc type type_as where xlogy xor
    """.split()  # noqa: SIM905  # reads better than two hundred quoted words
)

CONSTANT = (
    "zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "randint_like",
    "new_zeros", "new_ones", "new_empty", "new_full", "new_tensor", "zero", "fill", "normal", "uniform",
)  # fmt: skip


@reader(*POINTWISE)
def pointwise(op: Op, reaches: Reaches) -> Reach:
    """The union of what the inputs read, broadcast as torch does."""
    return union(reaches.all(op), op.outputs[0].shape)


@reader(*CONSTANT)
def constant(op: Op, reaches: Reaches) -> Reach:
    """Nothing: new values of a known shape."""
    return nothing(reaches.extent, op.outputs[0].shape)


@reader("copy")
def copy(op: Op, reaches: Reaches) -> Reach:
    """In-place copy: the source alone, the old values are gone."""
    return union([reaches(op.inputs[1])], op.outputs[0].shape)


@reader("glu")
def glu(op: Op, reaches: Reaches) -> Reach:
    """Each half of the gated axis, side by side."""
    x, dim = reaches(op.inputs[0]), op.arguments["dim"] % len(op.inputs[0].shape)
    half = x.shape[dim] // 2
    halves = [x.take(dim, strided(2 * half, 0, half)), x.take(dim, strided(2 * half, half, 2 * half))]
    return union(halves, op.outputs[0].shape)


@reader("embedding", "one_hot")
def embedding(op: Op, reaches: Reaches) -> Reach:
    """A new last axis; every entry of it reads the one index."""
    indices = next(tensor for tensor in op.inputs if not tensor.parameter)
    x = reaches(indices)
    return x.reshape((*x.shape, 1)).broadcast(op.outputs[0].shape)
