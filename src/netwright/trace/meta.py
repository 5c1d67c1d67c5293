"""Shapes of frequent operations on the meta device, where torch derives them by running a decomposition.

Torch's own way costs milliseconds an operation and seconds of imports at the first; the results are only
shapes. A shortcut answers `NotImplemented` wherever it is not sure, mistakes of the user first of all.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

_WIDE = {torch.float16: torch.float32, torch.bfloat16: torch.float32}
_ELEMENTWISE = [
    "add",
    "sub",
    "mul",
    "div",
    "relu",
    "gelu",
    "silu",
    "tanh",
    "sigmoid",
    "elu",
    "leaky_relu",
    "hardtanh",
    "hardswish",
    "hardsigmoid",
    "softplus",
    "mish",
    "exp",
    "log",
    "sqrt",
    "rsqrt",
    "neg",
    "abs",
    "pow",
    "square",
    "clamp",
    "clamp_min",
    "_log_softmax",
    "_softmax",
]


def _empty(shape: Any, dtype: torch.dtype) -> Tensor:
    """Not `new_empty`, which is itself derived by a decomposition."""
    return torch.empty(shape, dtype=dtype, device="meta")


def _like(x: Tensor) -> Tensor:
    """Same strides where the tensor is dense, as `empty_like` has it."""
    if x.is_contiguous():
        return _empty(x.shape, x.dtype)
    if x.ndim == 4 and x.is_contiguous(memory_format=torch.channels_last):
        return torch.empty_strided(x.shape, x.stride(), dtype=x.dtype, device="meta")
    return torch.empty_like(x)


def _statistics(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    return _empty(shape, _WIDE.get(x.dtype, x.dtype))


def elementwise(*args: Any, **options: Any) -> Any:
    """The output of a function of dense tensors of one floating dtype, broadcast against each other."""
    operands = [arg for arg in args if isinstance(arg, Tensor)]
    first = operands[0]
    plain = all(t.is_meta and t.dtype is first.dtype and t.ndim and t.is_contiguous() for t in operands)
    if not plain or not first.is_floating_point():
        return NotImplemented
    if any(isinstance(arg, complex) for arg in args):
        return NotImplemented
    if all(t.shape == first.shape for t in operands):
        return _like(first)
    shape = _broadcast([t.shape for t in operands])
    return NotImplemented if shape is None else _empty(shape, first.dtype)


def in_place(x: Any, *args: Any, **options: Any) -> Any:
    """The written tensor itself, where the others have its shape or are numbers."""
    operands = [arg for arg in args if isinstance(arg, Tensor)]
    same = all(t.is_meta and t.shape == x.shape and t.dtype is x.dtype for t in operands)
    return x if x.is_meta and same and x.is_floating_point() else NotImplemented


def _broadcast(shapes: list[torch.Size]) -> list[int] | None:
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    sizes = [set(column) - {1} for column in zip(*padded, strict=True)]
    return (
        None if any(len(found) > 1 for found in sizes) else [found.pop() if found else 1 for found in sizes]
    )


def convolution(x: Tensor, weight: Tensor, bias: Any, *rest: Any) -> Any:
    """The output of a convolution of dense tensors that fit; refuses what torch refuses only with data."""
    stride, padding, dilation, transposed, output_padding, groups = rest[:6]
    _refuse(x, weight, transposed, groups)
    inside = weight.shape[0] if transposed else weight.shape[1] * groups
    dense = all(
        t.is_meta and t.is_contiguous() and t.dtype is x.dtype for t in (x, weight, bias) if t is not None
    )
    if not dense or x.ndim != weight.ndim or x.shape[1] != inside or not x.numel():
        return NotImplemented
    axes = range(x.ndim - 2)
    s, p, d, o = (
        [v[a if len(v) > 1 else 0] for a in axes] for v in (stride, padding, dilation, output_padding)
    )
    spans = [d[a] * (weight.shape[a + 2] - 1) + 1 for a in axes]
    if transposed:
        sizes = [(x.shape[a + 2] - 1) * s[a] - 2 * p[a] + spans[a] + o[a] for a in axes]
    else:
        sizes = [(x.shape[a + 2] + 2 * p[a] - spans[a]) // s[a] + 1 for a in axes]
    if min(sizes) < 1 or any(o[a] >= max(s[a], d[a]) for a in axes):
        return NotImplemented
    return _empty((x.shape[0], weight.shape[1] * groups if transposed else weight.shape[0], *sizes), x.dtype)


def _refuse(x: Tensor, weight: Tensor, transposed: bool, groups: int) -> None:
    if weight.shape[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got "
            f"weight of size {list(weight.shape)} instead"
        )
    if transposed and x.shape[1] != weight.shape[0]:
        raise RuntimeError(
            f"Given transposed=1, weight of size {list(weight.shape)}, expected input{list(x.shape)} to have "
            f"{weight.shape[0]} channels, but got {x.shape[1]} channels instead"
        )


def matrices(a: Tensor, b: Tensor, *rest: Any, **options: Any) -> Any:
    """Only refuses, as torch does with data and not on meta: factors of different dtypes."""
    if a.dtype is not b.dtype:
        raise RuntimeError(f"mat1 and mat2 must have the same dtype, but got {a.dtype} and {b.dtype}")
    return NotImplemented


def product(bias: Tensor, a: Tensor, b: Tensor, **options: Any) -> Any:
    """The output of `addmm`."""
    matrices(a, b)
    fits = (
        a.is_meta and a.ndim == b.ndim == 2 and a.shape[1] == b.shape[0]
        and bias.ndim == 1 and bias.shape[0] in (1, b.shape[1]) and a.dtype is b.dtype is bias.dtype
    )  # fmt: skip
    return _empty((a.shape[0], b.shape[1]), a.dtype) if fits else NotImplemented


def concatenation(parts: list[Tensor], dim: int = 0) -> Any:
    """The output of `cat`."""
    first = parts[0]
    axis = dim % max(first.ndim, 1)
    fits = all(
        t.is_meta and t.is_contiguous() and t.ndim == first.ndim > axis and t.dtype is first.dtype
        and t.shape[:axis] == first.shape[:axis] and t.shape[axis + 1 :] == first.shape[axis + 1 :]
        for t in parts
    )  # fmt: skip
    if not fits or not -first.ndim <= dim < first.ndim:
        return NotImplemented
    return _empty(
        (*first.shape[:axis], sum(t.shape[axis] for t in parts), *first.shape[axis + 1 :]), first.dtype
    )


def max_pool(
    x: Tensor,
    kernel: Any,
    stride: Any = (),
    padding: Any = (0,),
    dilation: Any = (1,),
    ceil_mode: bool = False,
) -> Any:
    """Output and places of `max_pool2d_with_indices`."""
    given = (kernel, stride or kernel, padding, dilation)
    k, s, p, d = ([n[a if len(n) > 1 else 0] for a in (0, 1)] for n in given)
    dense = x.is_meta and x.ndim == 4 and x.is_contiguous() and x.numel()
    if ceil_mode or not dense or any(2 * p[a] > k[a] for a in (0, 1)):
        return NotImplemented
    sizes = [(x.shape[a + 2] + 2 * p[a] - d[a] * (k[a] - 1) - 1) // s[a] + 1 for a in (0, 1)]
    if min(sizes) < 1:
        return NotImplemented
    return _empty((*x.shape[:2], *sizes), x.dtype), _empty((*x.shape[:2], *sizes), torch.int64)


def batch_norm(x: Tensor, weight: Any, bias: Any, mean: Any, var: Any, training: bool, *rest: Any) -> Any:
    """Output, saved mean and saved deviation (empty in evaluation mode) of `native_batch_norm`."""
    if not x.is_meta or any(t is not None and t.shape != x.shape[1:2] for t in (weight, bias, mean, var)):
        return NotImplemented
    kept = (x.shape[1],) if training else (0,)
    return _like(x), _statistics(x, kept), _statistics(x, kept)


def layer_norm(x: Tensor, shape: Any, *rest: Any) -> Any:
    """Output, saved mean and saved deviation of `native_layer_norm`."""
    if not x.is_meta or tuple(x.shape[x.ndim - len(shape) :]) != tuple(shape):
        return NotImplemented
    kept = (*x.shape[: x.ndim - len(shape)], *[1] * len(shape))
    return _empty(x.shape, x.dtype), *(_statistics(x, kept) for _ in range(2))


def group_norm(
    x: Tensor, weight: Any, bias: Any, batch: int, channels: int, size: int, groups: int, *eps: float
) -> Any:
    """Output, saved mean and saved deviation of `native_group_norm`."""
    if not x.is_meta or channels % groups:
        return NotImplemented
    return _like(x), *(_statistics(x, (batch, groups)) for _ in range(2))


def mean(x: Tensor, dim: Any, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Output of `mean.dim`, which torch derives from a sum and a division."""
    outside = any(not -x.ndim <= d < x.ndim for d in dim or ())
    if not x.is_meta or outside or not (x.is_floating_point() or dtype):
        return NotImplemented
    dims = range(x.ndim) if not dim else {d % x.ndim for d in dim}
    sizes = [1 if axis in dims else size for axis, size in enumerate(x.shape) if keepdim or axis not in dims]
    return _empty(sizes, dtype or x.dtype)


SHORTCUTS: dict[Any, Callable[..., Any]] = {
    torch.ops.aten.native_batch_norm.default: batch_norm,
    torch.ops.aten.native_layer_norm.default: layer_norm,
    torch.ops.aten.native_group_norm.default: group_norm,
    torch.ops.aten.max_pool2d_with_indices.default: max_pool,
    torch.ops.aten.mean.dim: mean,
    torch.ops.aten.addmm.default: product,
    torch.ops.aten.convolution.default: convolution,
    torch.ops.aten.mm.default: matrices,
    torch.ops.aten.bmm.default: matrices,
    torch.ops.aten.cat.default: concatenation,
}
for _name in _ELEMENTWISE:
    for _packet, _shortcut in ((_name, elementwise), (f"{_name}_", in_place)):
        if hasattr(torch.ops.aten, _packet):
            _found = getattr(torch.ops.aten, _packet)
            SHORTCUTS |= {getattr(_found, o): _shortcut for o in _found.overloads() if "out" not in o}
