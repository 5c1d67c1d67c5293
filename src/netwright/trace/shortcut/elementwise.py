"""Functions that treat every element alike, as torch's iterator lays out their result."""

from typing import Any

import torch
from torch import Tensor

from netwright.trace.shortcut.fresh import dense, empty

NAMES = """
    add sub mul div relu gelu silu tanh sigmoid elu leaky_relu hardtanh hardswish hardsigmoid softplus mish
    exp log sqrt rsqrt neg abs pow square clamp clamp_min
""".split()  # noqa: SIM905  # reads better than thirty quoted words


def elementwise(*args: Any, **options: Any) -> Any:
    """The output of a function of tensors of one floating dtype, broadcast against each other."""
    operands = [arg for arg in args if isinstance(arg, Tensor)]
    first = operands[0]
    alike = all(t.is_meta and t.dtype is first.dtype for t in operands)
    if not alike or not first.is_floating_point() or any(isinstance(arg, complex) for arg in args):
        return NotImplemented
    shape = first.shape
    if any(t.shape != shape for t in operands):
        found = _broadcast([t.shape for t in operands])
        if found is None:
            return NotImplemented
        shape = torch.Size(found)
    if all(t.is_contiguous() for t in operands):
        return empty(shape, first.dtype)
    # the first operand that has an order of axes gives it to the result
    leading = next((t for t in operands if sum(size > 1 for size in t.shape) > 1), None)
    if leading is None or leading.shape != shape or not dense(leading):
        return NotImplemented
    return torch.empty_strided(shape, leading.stride(), dtype=first.dtype, device="meta")


def softmax(x: Tensor, dim: int, half_to_float: bool) -> Any:
    """The output of `_softmax` and `_log_softmax`."""
    fits = x.is_meta and x.is_contiguous() and -x.ndim <= dim < x.ndim and x.is_floating_point()
    return empty(x.shape, x.dtype) if fits and not half_to_float else NotImplemented


def roll(x: Tensor, shifts: Any, dims: Any = ()) -> Any:
    """The output of `roll`."""
    fits = len(shifts) == (len(dims) or 1) and all(-x.ndim <= d < x.ndim for d in dims)
    return empty(x.shape, x.dtype) if fits and x.is_meta and x.is_contiguous() else NotImplemented


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
