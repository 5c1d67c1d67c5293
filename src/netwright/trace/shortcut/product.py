"""Matrix products, attention and embeddings."""

from typing import Any

import torch
from torch import Tensor

from netwright.trace.shortcut.fresh import empty, like, statistics


def matrices(a: Tensor, b: Tensor, *rest: Any, **options: Any) -> Any:
    """Return the output of `mm` and `bmm`; refuse different dtypes, which torch refuses only with data."""
    _refuse(a, b)
    fits = a.is_meta and a.ndim == b.ndim > 1 and a.shape[:-2] == b.shape[:-2] and a.shape[-1] == b.shape[-2]
    if not fits or not a.is_floating_point() or rest or options:
        return NotImplemented
    return empty((*a.shape[:-1], b.shape[-1]), a.dtype)


def product(bias: Tensor, a: Tensor, b: Tensor, **options: Any) -> Any:
    """Return the output of `addmm`."""
    _refuse(a, b)
    fits = (
        a.is_meta and a.ndim == b.ndim == 2 and a.shape[1] == b.shape[0]
        and bias.ndim == 1 and bias.shape[0] in (1, b.shape[1]) and a.dtype is bias.dtype
    )  # fmt: skip
    return empty((a.shape[0], b.shape[1]), a.dtype) if fits else NotImplemented


def _refuse(a: Tensor, b: Tensor) -> None:
    if a.dtype is not b.dtype:
        raise RuntimeError(f"mat1 and mat2 must have the same dtype, but got {a.dtype} and {b.dtype}")


def attention(query: Tensor, key: Tensor, value: Tensor, *rest: Any, **options: Any) -> Any:
    """Return output and log-sum-exp of the fused attention of the CPU, in the layout that it gives them."""
    if not all(t.is_meta and t.dtype is query.dtype and t.ndim == 4 for t in (query, key, value)):
        return NotImplemented
    batch, heads, length, _ = query.shape
    return like(query), statistics(query, (batch, length, heads)).transpose(1, 2)


def embedding(weight: Tensor, indices: Tensor, *rest: Any) -> Any:
    """Return a row of the table for every index."""
    fits = weight.is_meta and indices.is_meta and weight.ndim == 2
    if not fits or indices.dtype not in (torch.int32, torch.int64):
        return NotImplemented
    return empty((*indices.shape, weight.shape[1]), weight.dtype)
