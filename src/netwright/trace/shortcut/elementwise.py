"""Functions of one element at a time; the result is laid out as torch does it."""

from typing import Any

import torch
from torch import Tensor

from netwright.trace.shortcut.fresh import empty
from netwright.trace.shortcut.strides import elementwise_strides

NAMES = """
    add sub rsub mul div relu gelu silu tanh sigmoid elu leaky_relu hardtanh hardswish hardsigmoid softplus
    mish exp log sqrt rsqrt neg abs pow square clamp clamp_min
""".split()  # noqa: SIM905  # reads better than thirty quoted words


def elementwise(*args: Any, **options: Any) -> Any:
    """Return the output of a function of tensors of one floating dtype, broadcast against each other."""
    operands = [arg for arg in args if isinstance(arg, Tensor)]
    first = operands[0]
    alike = all(t.is_meta and t.dtype is first.dtype for t in operands)
    if not alike or not first.is_floating_point() or any(isinstance(arg, complex) for arg in args):
        return NotImplemented
    shape = first.shape
    if any(t.shape != shape for t in operands):
        sizes = _broadcast([t.shape for t in operands])
        if sizes is None:
            return NotImplemented
        shape = torch.Size(sizes)
    if all(t.is_contiguous() for t in operands):
        return empty(shape, first.dtype)
    strides = elementwise_strides(shape, operands)
    return torch.empty_strided(shape, strides, dtype=first.dtype, device="meta")


def softmax(x: Tensor, dim: int, half_to_float: bool) -> Any:
    """Return the output of `_softmax` and `_log_softmax`."""
    fits = x.is_meta and x.is_contiguous() and -x.ndim <= dim < x.ndim and x.is_floating_point()
    return empty(x.shape, x.dtype) if fits and not half_to_float else NotImplemented


def safe_softmax(x: Tensor, dim: int, dtype: Any = None) -> Any:
    """Return the output of `_safe_softmax`, which attention uses where a row may be masked wholly."""
    return softmax(x, dim, half_to_float=False) if dtype is None else NotImplemented


def roll(x: Tensor, shifts: Any, dims: Any = ()) -> Any:
    """Return the output of `roll`."""
    fits = len(shifts) == (len(dims) or 1) and all(-x.ndim <= d < x.ndim for d in dims)
    return empty(x.shape, x.dtype) if fits and x.is_meta and x.is_contiguous() else NotImplemented


def in_place(x: Any, *args: Any, **options: Any) -> Any:
    """Return the written tensor itself, if the other operands have its shape or are numbers."""
    operands = [arg for arg in args if isinstance(arg, Tensor)]
    same = all(t.is_meta and t.shape == x.shape and t.dtype is x.dtype for t in operands)
    return x if x.is_meta and same and x.is_floating_point() else NotImplemented


def _broadcast(shapes: list[torch.Size]) -> list[int] | None:
    """Return the shape that results from broadcasting, or None if the shapes do not fit."""
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    axes = [set(column) - {1} for column in zip(*padded, strict=True)]
    return None if any(len(sizes) > 1 for sizes in axes) else [max(sizes, default=1) for sizes in axes]
