"""Count the multiply-accumulates (MACs) of the aten operations that torch runs.

A MAC is one multiply-accumulate of a convolution or a matrix product. The bias is left out, padding is
counted as if it were data, and a causal mask as if it were full. Element-wise operations, reductions,
normalisation, pooling, interpolation, look-ups and copies have none by definition. An operation that is
neither counted nor known to have none (a decomposition, a Fourier transform, an operator of another package)
is reported by its name.

The gradient by each factor of a product costs as much as the product itself, so the backward pass costs the
forward count once for every factor that requires a gradient: twice for a convolution inside a network, once
for the first one. A recomputation (checkpointing, fused attention) is not counted.
"""

from collections.abc import Callable
from functools import cache
from math import prod
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload

Rule = Callable[..., tuple[int, tuple[Any, ...]]]
"""Maps output and arguments of an operation to its MACs and the factors that can require a gradient."""

_RULES: dict[str, Rule] = {}


def _rule(*names: str) -> Callable[[Rule], Rule]:
    def enter(rule: Rule) -> Rule:
        _RULES.update(dict.fromkeys(names, rule))
        return rule

    return enter


@_rule("mm", "bmm", "_int_mm", "_scaled_mm")
def _product(out: Tensor, a: Tensor, b: Tensor, *rest: Any, **options: Any) -> tuple[int, tuple[Any, ...]]:
    return a.numel() * b.shape[-1], (a, b)


@_rule("addmm", "baddbmm", "_addmm_activation", "addbmm")
def _added(
    out: Tensor, bias: Tensor, a: Tensor, b: Tensor, *rest: Any, **options: Any
) -> tuple[int, tuple[Any, ...]]:
    return a.numel() * b.shape[-1], (a, b)


@_rule("mv", "dot", "vdot")
def _vector(out: Tensor, a: Tensor, b: Tensor) -> tuple[int, tuple[Any, ...]]:
    return a.numel(), (a, b)


@_rule("addmv")
def _added_vector(
    out: Tensor, bias: Tensor, a: Tensor, b: Tensor, **options: Any
) -> tuple[int, tuple[Any, ...]]:
    return a.numel(), (a, b)


@_rule(
    "convolution", "_convolution", "convolution_overrideable", "mkldnn_convolution", "_slow_conv2d_forward"
)
def _convolution(
    out: Tensor, x: Tensor, weight: Tensor, *rest: Any, **options: Any
) -> tuple[int, tuple[Any, ...]]:
    """Each output position meets every weight of its group once; each input position, if it is transposed."""
    transposed = len(rest) > 4 and rest[4] is True
    if transposed:
        return x.shape[0] * prod(x.shape[2:]) * weight.numel(), (x, weight)
    return out.shape[0] * prod(out.shape[2:]) * weight.numel(), (x, weight)


@_rule("convolution_backward")
def _convolution_backward(
    out: Any, grad: Tensor, x: Tensor, weight: Tensor, *rest: Any, **options: Any
) -> tuple[int, tuple[Any, ...]]:
    one, _ = _convolution(grad, x, weight, None, *rest[1:])
    return one * sum(rest[-1][:2]), ()


@_rule(
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_efficient_attention",
    "_scaled_dot_product_cudnn_attention",
    "_scaled_dot_product_fused_attention_overrideable",
)
def _attention(
    out: Any, query: Tensor, key: Tensor, value: Tensor, *rest: Any, **options: Any
) -> tuple[int, tuple[Any, ...]]:
    """Count scores and weighted sum; the factors of both products are query, key and value, once each."""
    scores = query.shape[:-1].numel() * key.shape[-2]
    macs = scores * (query.shape[-1] + value.shape[-1])
    return macs, (_Any(query, key, value), _Any(query, key, value))


@_rule("_trilinear")
def _trilinear(
    out: Tensor, first: Tensor, weight: Tensor, second: Tensor, *rest: Any, **options: Any
) -> tuple[int, tuple[Any, ...]]:
    """Count `bilinear` as `einsum("na,oab,nb->no")` contracts it: first one input, then the other."""
    examples, outputs, width = first.shape[0], *weight.shape[-3::2]
    macs = examples * weight.numel() + examples * outputs * width
    return macs, (first, weight, second)


@_rule("mkldnn_rnn_layer")
def _recurrent(
    out: Any, x: Tensor, inside: Tensor, across: Tensor, *rest: Any, **options: Any
) -> tuple[int, tuple[Any, ...]]:
    return x.shape[:-1].numel() * (inside.numel() + across.numel()), (_Any(x, inside), inside)


class _Any:
    """Several factors as one, which requires a gradient if one of them does."""

    def __init__(self, *factors: Tensor):
        self.requires_grad = any(factor.requires_grad for factor in factors)


def count(func: OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> tuple[int, int]:
    """Return the forward and the backward MACs of one aten operation that has a rule."""
    macs, factors = _RULES[_name(func)](out, *args, **kwargs)
    if not torch.is_grad_enabled():
        return macs, 0
    return macs, macs * sum(factor.requires_grad for factor in factors)


@cache
def counted(func: OpOverload) -> bool | None:
    """Return True if a rule counts the operation, False if it has no MACs, and None if nothing is known."""
    name = _name(func)
    if func.namespace not in {"aten", "prims", "prim"}:
        return None
    if name in _RULES:
        return True
    costless = torch.Tag.pointwise in func.tags or func.is_view or name.strip("_") in _COSTLESS
    return False if costless or name.endswith(("_backward", "_like")) else None


@cache
def _name(func: OpOverload) -> str:
    return func._schema.name.split("::")[1]


_COSTLESS = frozenset(
    """
    empty empty_strided new_empty new_zeros new_ones new_full new_empty_strided zeros ones full
    scalar_tensor arange linspace logspace eye rand randn randint randperm tril triu tril_indices
    triu_indices tensor copy copy_from to_copy clone lift lift_fresh lift_fresh_copy detach detach_copy
    alias set resize fill zero view unsafe_view reshape_alias as_strided expand permute transpose t
    select slice squeeze unsqueeze unbind split split_with_sizes unsafe_split unsafe_split_with_sizes
    chunk unsafe_chunk cat stack repeat repeat_interleave flip roll rot90 unfold diag_embed diagonal
    constant_pad_nd reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d
    replication_pad2d replication_pad3d pixel_shuffle pixel_unshuffle channel_shuffle
    native_channel_shuffle im2col col2im select_scatter slice_scatter diagonal_scatter index
    index_select index_put index_put_impl unsafe_index unsafe_index_put index_add index_copy index_fill
    gather scatter scatter_add scatter_reduce masked_fill masked_scatter masked_select take put nonzero
    nonzero_static where embedding embedding_renorm embedding_bag embedding_bag_forward_only one_hot
    bincount histc bucketize searchsorted unique unique2 unique_dim unique_consecutive sum nansum mean
    nanmean prod amax amin aminmax max min argmax argmin any all std var std_mean var_mean
    std_correction var_correction norm linalg_vector_norm logsumexp logcumsumexp cumsum cumprod cummax
    cummin cummax_helper cummin_helper sort argsort topk median nanmedian kthvalue mode count_nonzero
    softmax log_softmax safe_softmax masked_softmax softmax_backward_data log_softmax_backward_data
    native_batch_norm native_batch_norm_legit native_batch_norm_legit_no_training
    native_batch_norm_legit_functional cudnn_batch_norm batch_norm_with_update native_layer_norm
    native_group_norm batch_norm_impl_index fused_rms_norm renorm native_dropout fused_dropout bernoulli
    multinomial normal uniform random exponential geometric cauchy log_normal poisson standard_gamma
    dirichlet max_pool2d_with_indices max_pool3d_with_indices max_pool1d max_pool2d max_pool3d
    mkldnn_max_pool2d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool2d adaptive_avg_pool3d
    adaptive_max_pool2d adaptive_max_pool3d fractional_max_pool2d fractional_max_pool3d max_unpool2d
    max_unpool3d upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_nearest_exact1d
    upsample_nearest_exact2d upsample_nearest_exact3d upsample_linear1d upsample_bilinear2d
    upsample_trilinear3d upsample_bicubic2d upsample_bilinear2d_aa upsample_bicubic2d_aa grid_sampler_2d
    grid_sampler_3d affine_grid_generator nll_loss_forward nll_loss2d_forward binary_cross_entropy
    mse_loss smooth_l1_loss huber_loss l1_loss soft_margin_loss multi_margin_loss
    multilabel_margin_loss_forward ctc_loss glu prelu rrelu_with_noise hardtanh elu celu leaky_relu
    threshold log_sigmoid_forward softplus relu relu6 hardswish hardsigmoid local_scalar_dense item
    equal is_same_size sym_size sym_numel sym_stride size stride numel dim pack_padded_sequence
    pad_packed_sequence nested_tensor_from_mask assert_async assert_tensor_metadata complex view_as_real
    view_as_complex real imag conj conj_physical resolve_conj resolve_neg neg_view combinations
    cartesian_prod meshgrid bitwise_and trace trapezoid to_dense to_sparse coalesce
    fused_moving_avg_obs_fq_helper fake_quantize_per_tensor_affine_cachemask
    fake_quantize_per_channel_affine_cachemask weight_norm_interface spectral_norm cross linalg_cross
    _foreach_add foreach_mul div mul add sub rsub
    """.split()  # noqa: SIM905  # as a list literal it would take 250 lines
)
