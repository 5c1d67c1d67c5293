"""The layout of the result of an elementwise operation, as torch's TensorIterator chooses it."""

from collections.abc import Sequence

import torch
from torch import Tensor

from netwright.trace.shortcut.fresh import dense


def elementwise_strides(shape: torch.Size, operands: Sequence[Tensor]) -> list[int]:
    """Return the strides of a new tensor of `shape`, to which all operands are broadcast.

    The axes of the result have the order in memory of those of the first operand, then of the second where
    the first does not decide, and so on (`reorder_dimensions` in ATen/TensorIterator.cpp).

    >>> elementwise_strides(torch.Size((2, 3)), [torch.empty(3, 4)[:, :2].T])
    [1, 2]
    """
    own = operands[0].stride()
    if all(t.shape == shape and t.stride() == own for t in operands) and dense(operands[0]):
        return list(own)
    result, filled = [0] * len(shape), 1
    for axis in _order(shape, [_broadcast_strides(shape, operand) for operand in operands]):
        result[axis] = filled
        filled *= shape[axis]
    return result


def _broadcast_strides(shape: Sequence[int], operand: Tensor) -> list[int]:
    """Return the strides of an operand as if it had `shape`: 0 along axes where it is repeated."""
    before = len(shape) - operand.ndim
    own = [
        0 if size == 1 and shape[before + axis] != 1 else stride
        for axis, (size, stride) in enumerate(zip(operand.shape, operand.stride(), strict=True))
    ]
    return [0] * before + own


def _order(shape: Sequence[int], strides: list[list[int]]) -> list[int]:
    """Return the axes from the fastest in memory to the slowest, by an insertion sort with ties."""
    order = list(range(len(shape)))[::-1]
    for start in range(1, len(order)):
        moving = start
        for place in range(start - 1, -1, -1):
            comparison = _compare(shape, strides, order[place], order[moving])
            if comparison < 0:
                break
            if comparison > 0:
                order[place], order[moving] = order[moving], order[place]
                moving = place
    return order


def _compare(shape: Sequence[int], strides: list[list[int]], first: int, second: int) -> int:
    """Return 1 if the first axis has longer steps than the second, -1 if shorter, 0 if nothing decides."""
    for own in strides:
        if own[first] and own[second]:
            if own[first] != own[second]:
                return 1 if own[first] > own[second] else -1
            if shape[first] > shape[second]:
                return 1
    return 0
