"""Norms: the output, and the statistics kept for the backward pass."""

from typing import Any

from torch import Tensor

from netwright.trace.shortcut.fresh import empty, like, statistics


def batch_norm(x: Tensor, weight: Any, bias: Any, mean: Any, var: Any, training: bool, *rest: Any) -> Any:
    """Output, saved mean and saved deviation (empty in evaluation mode) of `native_batch_norm`."""
    if not x.is_meta or any(t is not None and t.shape != x.shape[1:2] for t in (weight, bias, mean, var)):
        return NotImplemented
    kept = (x.shape[1],) if training else (0,)
    return like(x), statistics(x, kept), statistics(x, kept)


def layer_norm(x: Tensor, shape: Any, *rest: Any) -> Any:
    """Output, saved mean and saved deviation of `native_layer_norm`."""
    if not x.is_meta or tuple(x.shape[x.ndim - len(shape) :]) != tuple(shape):
        return NotImplemented
    kept = (*x.shape[: x.ndim - len(shape)], *[1] * len(shape))
    return empty(x.shape, x.dtype), *(statistics(x, kept) for _ in range(2))


def group_norm(
    x: Tensor, weight: Any, bias: Any, batch: int, channels: int, size: int, groups: int, *eps: float
) -> Any:
    """Output, saved mean and saved deviation of `native_group_norm`."""
    if not x.is_meta or channels % groups:
        return NotImplemented
    return like(x), *(statistics(x, (batch, groups)) for _ in range(2))
