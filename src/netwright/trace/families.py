"""The families of operations, by the names that `Op.name` has (see `netwright.trace.graph`).

A family is a plain set of names. Code that means a smaller or a larger set builds it from these by name and
says why.
"""

CONVOLUTIONS = frozenset({"conv1d", "conv2d", "conv3d"})
"""Convolutions that are not transposed."""

TRANSPOSED = frozenset({"conv_transpose1d", "conv_transpose2d", "conv_transpose3d"})
"""Transposed convolutions."""

WEIGHTED = CONVOLUTIONS | TRANSPOSED | {"linear"}
"""Layers that multiply their input by a weight; attention and recurrent layers are not among them."""

RECURRENT = frozenset({"lstm", "gru", "rnn_tanh", "rnn_relu"})
"""Recurrent layers, each with all its steps and directions as one operation."""

PRODUCTS = frozenset({"matmul", "mm", "bmm", "einsum", "addmm", "baddbmm", "scaled_dot_product_attention"})
"""Matrix products of any two tensors, and attention, which is two of them."""

MAX_POOLS = frozenset({"max_pool1d", "max_pool2d", "max_pool3d"})
"""Maximum over a sliding window."""

POOLS = MAX_POOLS | {"avg_pool1d", "avg_pool2d", "avg_pool3d"}
"""Maximum or mean over a sliding window."""

ADAPTIVE_POOLS = frozenset(f"adaptive_{kind}_pool{dims}d" for kind in ("max", "avg") for dims in (1, 2, 3))
"""Pooling to an output size that is given."""

CHANNEL_NORMS = frozenset({"batch_norm", "instance_norm"})
"""Normalisation of each channel by itself, which subtracts the mean of that channel."""

NORMS = CHANNEL_NORMS | {"group_norm", "layer_norm", "rms_norm", "native_layer_norm"}
"""Normalisation by statistics of the activations."""

ACTIVATIONS = frozenset(
    """
    celu elu gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish prelu relu relu6 rrelu
    selu sigmoid silu softplus softshrink softsign tanh tanhshrink threshold
    """.split()  # noqa: SIM905  # reads better than twenty quoted words
)
"""Non-linear functions of one element at a time."""

DROPOUTS = frozenset({"dropout", "dropout1d", "dropout2d", "dropout3d"})
"""Dropout that fills with zeros."""

ALPHA_DROPOUTS = frozenset({"alpha_dropout", "feature_alpha_dropout"})
"""Dropout for self-normalising networks, which keeps mean and variance."""

COPIES = frozenset({"contiguous", "clone", "to", "alias", "identity"})
"""The same numbers in other memory, of another type or under another name."""

PASSING = DROPOUTS | ALPHA_DROPOUTS | COPIES
"""Operations that pass their input through unchanged in evaluation mode."""

VIEWS = frozenset(
    """
    T chunk expand flatten getitem mT movedim narrow permute reshape select split squeeze swapaxes
    tensor_split transpose unbind unflatten unsqueeze view
    """.split()  # noqa: SIM905  # reads better than twenty quoted words
)
"""Another shape, another order of the axes, or a part of the same elements."""

SUMS = frozenset({"add", "sub"})
"""Sums and differences, as a residual connection has them."""

CONCATENATIONS = frozenset({"cat", "stack", "hstack", "vstack", "dstack"})
"""Several tensors side by side, along an axis that they have or along a new one."""

MERGING = SUMS | CONCATENATIONS | {"mul", "div", "addcmul", "addcdiv", "lerp", "where", "maximum", "minimum"}
"""Operations in which branches meet: position by position, or side by side."""

WRITES = frozenset({"setitem", "copy", "index_add", "index_copy", "index_put", "scatter", "scatter_add"})
"""One tensor written into another, or added to a part of it."""

POINTWISE = (
    ACTIVATIONS
    | DROPOUTS
    | ALPHA_DROPOUTS
    | SUMS
    | frozenset(
        """
        abs acos acosh addcdiv addcmul and angle asin asinh atan atan2 atanh bernoulli bfloat16 bitwise_and
        bitwise_not bitwise_or bitwise_xor bool byte ceil clamp clamp_max clamp_min clip clone complex conj
        contiguous copysign cos cosh cpu cuda data deg2rad detach div double eq erf erfc erfinv exp exp2 expm1
        feature_dropout float floor floor_divide fmax fmin fmod frac ge gt half heaviside hypot imag int
        invert isclose isfinite isinf isnan ldexp le lerp lgamma log log10 log1p log2 logaddexp logical_and
        logical_not logical_or logical_xor logit long lt masked_fill maximum minimum mul mvlgamma nan_to_num
        ne neg negative or polar pos positive pow rad2deg real reciprocal remainder round rsqrt rsub sgn sign
        signbit sin sinc sinh sqrt square tan to tril triu trunc type type_as where xlogy xor
        """.split()  # noqa: SIM905  # reads better than a hundred quoted words
    )
)
"""Operations whose every output element depends on one element of each input, broadcast as torch does."""
