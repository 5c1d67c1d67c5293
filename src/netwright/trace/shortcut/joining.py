"""Concatenations and reductions."""

from typing import Any

from torch import Tensor

from netwright.trace.shortcut.fresh import empty


def concatenation(parts: list[Tensor], dim: int = 0) -> Any:
    """Return the output of `cat`."""
    if not parts:
        return NotImplemented
    first = parts[0]
    axis = dim % max(first.ndim, 1)
    fits = all(
        t.is_meta and not _channels_last(t) and t.ndim == first.ndim > axis and t.dtype is first.dtype
        and t.shape[:axis] == first.shape[:axis] and t.shape[axis + 1 :] == first.shape[axis + 1 :]
        for t in parts
    )  # fmt: skip
    if not fits or not -first.ndim <= dim < first.ndim:
        return NotImplemented
    return empty(
        (*first.shape[:axis], sum(t.shape[axis] for t in parts), *first.shape[axis + 1 :]), first.dtype
    )


def _channels_last(x: Tensor) -> bool:
    """Return whether the result might be channels-last too."""
    return not x.is_contiguous() and x.ndim in (4, 5) and x.stride(1) <= x.stride(-1)


def stack(parts: list[Tensor], dim: int = 0) -> Any:
    """Return the output of `stack`."""
    if not parts:
        return NotImplemented
    first = parts[0]
    fits = all(
        t.is_meta and t.is_contiguous() and t.shape == first.shape and t.dtype is first.dtype for t in parts
    )
    if not fits or not -first.ndim - 1 <= dim <= first.ndim:
        return NotImplemented
    axis = dim % (first.ndim + 1)
    return empty((*first.shape[:axis], len(parts), *first.shape[axis:]), first.dtype)


def reduction(x: Tensor, dim: Any = (), keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the output of a mean, sum or maximum over the axes `dim`, or over all of them."""
    outside = any(not -x.ndim <= d < x.ndim for d in dim or ())
    if not x.is_meta or outside or not x.is_floating_point() or not x.numel():
        return NotImplemented
    dims = range(x.ndim) if not dim else {d % x.ndim for d in dim}
    sizes = [1 if axis in dims else size for axis, size in enumerate(x.shape) if keepdim or axis not in dims]
    return empty(sizes, dtype or x.dtype)


def vector_norm(x: Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the output of `linalg_vector_norm` of real numbers."""
    return reduction(x, dim, keepdim) if dtype is None else NotImplemented
