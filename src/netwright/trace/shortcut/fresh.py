"""New tensors on the meta device, made without a decomposition."""

from typing import Any

import torch
from torch import Tensor

_META = torch.device("meta")
_DEFAULTS = (None, False, torch.preserve_format, _META)
"""The values of options that ask for nothing else than a tensor like the given one."""
_DENSE = (None, torch.strided)
_WIDE = {torch.float16: torch.float32, torch.bfloat16: torch.float32}


def empty(shape: Any, dtype: torch.dtype) -> Tensor:
    """Return a contiguous tensor; torch derives `new_empty` itself by a decomposition."""
    return torch.empty(shape, dtype=dtype, device="meta")


def like(x: Tensor) -> Tensor:
    """Return a dense tensor whose axes have the order in memory of those of `x`, as `empty_like` does."""
    if x.is_contiguous():
        return empty(x.shape, x.dtype)
    if 0 in x.stride():
        return torch.empty_like(x)
    strides, filled = [0] * x.ndim, 1
    for axis in sorted(range(x.ndim), key=lambda axis: (x.stride(axis), x.shape[axis], -axis)):
        strides[axis] = filled
        filled *= x.shape[axis]
    return torch.empty_strided(x.shape, strides, dtype=x.dtype, device="meta")


def dense(x: Tensor) -> bool:
    """Return whether the elements fill their memory without gaps, in any order of the axes.

    >>> x = torch.empty(2, 3, 4)
    >>> dense(x.permute(2, 0, 1)), dense(x[:, :2]), dense(x.expand(5, 2, 3, 4))
    (True, False, False)
    """
    filled = 1
    for stride, size in sorted(zip(x.stride(), x.shape, strict=True)):
        if size != 1 and stride != filled:
            return False
        filled *= size
    return True


def statistics(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return the statistics that a norm saves: 32 bits wide even for numbers of 16 bits."""
    return empty(shape, _WIDE.get(x.dtype, x.dtype))


def same(x: Tensor, **options: Any) -> Any:
    """Return the output of `empty_like`, `zeros_like` and `ones_like`, of the dtype and layout of `x`."""
    plain = x.is_meta and all(value in _DEFAULTS for value in options.values())
    return like(x) if plain else NotImplemented


def new(
    size: Any,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    memory_format: Any = None,
    **more: Any,
) -> Any:
    """Return the output of `empty`, as a batch norm in evaluation makes it for what it does not save."""
    if device != _META or layout not in _DENSE or memory_format is not None or dtype is None:
        return NotImplemented
    return empty(size, dtype)


def numbers(*bounds: Any, dtype: Any = None, layout: Any = None, device: Any = None, **more: Any) -> Any:
    """Return the output of `arange` for `end`, for `start, end`, or for `start, end, step`."""
    start, end, step = (0, *bounds, 1) if len(bounds) == 1 else (*bounds, 1)[:3]
    whole = all(type(bound) is int for bound in (start, end, step))
    if not whole or step == 0 or (end - start) * step < 0 or device != _META or layout not in _DENSE:
        return NotImplemented
    return empty((-((start - end) // step),), dtype or torch.int64)


def copied(x: Tensor, *, memory_format: Any = torch.preserve_format) -> Any:
    """Return the output of `clone`."""
    if not x.is_meta or x.layout is not torch.strided:
        return NotImplemented
    if memory_format is torch.contiguous_format:
        return empty(x.shape, x.dtype)
    return like(x) if memory_format is torch.preserve_format and dense(x) else NotImplemented
