"""New tensors on the meta device, made without a decomposition of torch's."""

from typing import Any

import torch
from torch import Tensor

_WIDE = {torch.float16: torch.float32, torch.bfloat16: torch.float32}


def empty(shape: Any, dtype: torch.dtype) -> Tensor:
    """A contiguous tensor; `new_empty` is itself derived by a decomposition."""
    return torch.empty(shape, dtype=dtype, device="meta")


def like(x: Tensor) -> Tensor:
    """Dense, its axes in memory in the order of the tensor's, as `empty_like` has it."""
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
    """True where the elements fill their memory, in whatever order of the axes.

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
    """What a norm keeps of 16-bit numbers is 32 bits wide."""
    return empty(shape, _WIDE.get(x.dtype, x.dtype))


def same(x: Tensor, **options: Any) -> Any:
    """The output of `empty_like` and its like, where nothing but the tensor is named."""
    plain = x.is_meta and all(value in (None, torch.preserve_format) for value in options.values())
    return like(x) if plain else NotImplemented
