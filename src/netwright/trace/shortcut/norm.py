"""Normalisation: the output, and the statistics that are saved for the backward pass."""

from typing import Any

from torch import Tensor

from netwright.trace.shortcut.fresh import empty, like, statistics


def batch_norm(x: Tensor, weight: Any, bias: Any, mean: Any, var: Any, training: bool, *rest: Any) -> Any:
    """Return output, saved mean and saved deviation of `native_batch_norm`; none is saved in evaluation."""
    if not x.is_meta or any(t is not None and t.shape != x.shape[1:2] for t in (weight, bias, mean, var)):
        return NotImplemented
    saved = (x.shape[1],) if training else (0,)
    return like(x), statistics(x, saved), statistics(x, saved)


def layer_norm(x: Tensor, shape: Any, *rest: Any) -> Any:
    """Return output, saved mean and saved deviation of `native_layer_norm`."""
    if not x.is_meta or tuple(x.shape[x.ndim - len(shape) :]) != tuple(shape):
        return NotImplemented
    saved = (*x.shape[: x.ndim - len(shape)], *[1] * len(shape))
    return empty(x.shape, x.dtype), *(statistics(x, saved) for _ in range(2))


def group_norm(
    x: Tensor, weight: Any, bias: Any, batch: int, channels: int, size: int, groups: int, *eps: float
) -> Any:
    """Return output, saved mean and saved deviation of `native_group_norm`."""
    if not x.is_meta or channels % groups:
        return NotImplemented
    return like(x), *(statistics(x, (batch, groups)) for _ in range(2))
