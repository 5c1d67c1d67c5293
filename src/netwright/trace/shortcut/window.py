"""Sliding windows and resampling."""

from typing import Any

import torch
from torch import Tensor

from netwright.arithmetic.window import count, span
from netwright.trace.shortcut.fresh import empty


def convolution(x: Tensor, weight: Tensor, bias: Any, *rest: Any) -> Any:
    """Return the output of a convolution; refuse groups and channels that torch refuses only with data."""
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
    kernel = weight.shape[2:]
    if transposed:
        sizes = [(x.shape[a + 2] - 1) * s[a] - 2 * p[a] + span(kernel[a], d[a]) + o[a] for a in axes]
    else:
        sizes = [count(x.shape[a + 2], kernel[a], s[a], p[a], d[a]) for a in axes]
    if min(sizes) < 1 or any(o[a] >= max(s[a], d[a]) for a in axes):
        return NotImplemented
    return empty((x.shape[0], weight.shape[1] * groups if transposed else weight.shape[0], *sizes), x.dtype)


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


def max_pool(
    rank: int,
    x: Tensor,
    kernel: Any,
    stride: Any = (),
    padding: Any = (0,),
    dilation: Any = (1,),
    ceil_mode: bool = False,
) -> Any:
    """Return output and indices of `max_pool2d_with_indices` (rank 2) and `max_pool3d_with_indices`."""
    pooled = _pooled(rank, x, kernel, stride or kernel, padding, dilation, ceil_mode)
    return NotImplemented if pooled is None else (empty(pooled, x.dtype), empty(pooled, torch.int64))


def average_pool(
    rank: int,
    x: Tensor,
    kernel: Any,
    stride: Any = (),
    padding: Any = (0,),
    ceil_mode: bool = False,
    *rest: Any,
) -> Any:
    """Return the output of `avg_pool2d` (rank 2) and `avg_pool3d`, unless a divisor is given."""
    pooled = _pooled(rank, x, kernel, stride or kernel, padding, (1,), ceil_mode)
    return NotImplemented if pooled is None or len(rest) > 1 else empty(pooled, x.dtype)


def _pooled(rank: int, x: Tensor, *options: Any) -> list[int] | None:
    """Return the shape after a pooling window over the last axes, or None where torch is to be asked."""
    *windows, ceil_mode = options
    if not (x.is_meta and x.ndim == rank + 2 and x.is_contiguous() and x.numel() and x.is_floating_point()):
        return None
    sizes = []
    for axis in range(rank):
        k, s, p, d = (given[axis if len(given) > 1 else 0] for given in windows)
        sizes.append(
            0 if 2 * p > k or min(s, d) < 1 else count(x.shape[axis + 2], k, s, p, d, ceil_mode=ceil_mode)
        )
    return [*x.shape[:2], *sizes] if min(sizes) > 0 else None


def resized(x: Tensor, size: Any, *rest: Any) -> Any:
    """Return the output of interpolation and of adaptive average pooling, whose size is given."""
    fits = x.is_meta and x.ndim == len(size) + 2 and x.is_contiguous() and x.numel() and min(size) > 0
    return empty((*x.shape[:2], *size), x.dtype) if fits and x.is_floating_point() else NotImplemented


def adaptive_max_pool(x: Tensor, size: Any) -> Any:
    """Return output and indices of `adaptive_max_pool2d` and `adaptive_max_pool3d`."""
    made = resized(x, size)
    return made if made is NotImplemented else (made, empty(made.shape, torch.int64))


def padded(x: Tensor, padding: Any, *value: Any, mirrored: bool = False) -> Any:
    """Return the output of padding with a constant, with the border, or (`mirrored`) with a reflection.

    A negative padding cuts positions off.
    """
    axes = range(len(padding) // 2)
    ends = {x.ndim - 1 - axis: padding[2 * axis : 2 * axis + 2] for axis in axes}
    fits = x.is_meta and x.ndim > len(ends) and x.is_contiguous() and x.numel() and x.is_floating_point()
    if not fits or len(padding) % 2:
        return NotImplemented
    for axis, both in ends.items():
        cut = sum(min(end, 0) for end in both)
        if x.shape[axis] + cut < 1 or (mirrored and max(both) >= x.shape[axis]):
            return NotImplemented
    return empty([size + sum(ends.get(axis, ())) for axis, size in enumerate(x.shape)], x.dtype)
