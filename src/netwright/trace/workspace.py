"""What a convolution on the CPU allocates beside its result: copies in the layout of its library.

No dispatcher sees these buffers, so a recorded step cannot count them. The rules bound them from above, for
the way of computing that torch chooses itself: oneDNN copies its operands with the channels in blocks, and
torch's own convolutions unfold the input into columns (Chellapilla, Puri & Simard 2006).
"""

from math import prod
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload

BLOCK = 16
"""Channels of one block of oneDNN; fewer channels are padded to it."""
SCRATCH = 2**17
"""Bytes of the small buffers that each call may use."""


def workspace(func: OpOverload, args: tuple[Any, ...], out: Any) -> int:
    """Return the most bytes that an operation of aten allocates beside its results; 0 where none are known.

    >>> x, weight = torch.ones(2, 16, 8, 8), torch.ones(32, 16, 3, 3)
    >>> args = (x, weight, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1)
    >>> convolution = torch.ops.aten.convolution.default
    >>> workspace(convolution, args, convolution(*args)) - weight.nbytes - SCRATCH
    16384
    """
    if func is torch.ops.aten.convolution.default:
        x, weight, _, *settings = args
        return SCRATCH + _copies(x, weight, settings[:6], out, backward=False)
    if func is torch.ops.aten.convolution_backward.default:
        gradient, x, weight, _, *settings = args
        return SCRATCH + _copies(x, weight, settings[:6], gradient, backward=True)
    return 0


def _copies(x: Tensor, weight: Tensor, settings: list[Any], out: Tensor, *, backward: bool) -> int:
    """Return the bytes of the copies; `settings` are stride, padding, dilation, transposed, added, groups."""
    kind = torch._C._select_conv_backend(x, weight, None, *settings, None)
    transposed = settings[3]
    if kind.name.startswith("Slow"):
        return _columns(x, weight, out, transposed=transposed)
    groups = 1 if weight.shape[1] == 1 else settings[5]  # one channel a group is not padded
    read, made, weights = _blocked(x, groups), _blocked(out, groups), _weights(weight, groups)
    if groups > 1:  # a product of columns for each group, of one example in each thread
        weights += torch.get_num_threads() * _columns(x[:1], weight, out[:1], transposed=transposed) // groups
    if backward:
        return read + max(read, made) + 2 * weights
    return max(read, made) + (made if transposed else 0) + weights


def _columns(x: Tensor, weight: Tensor, out: Tensor, *, transposed: bool) -> int:
    """Return the bytes of the unfolded input, or of the unfolded result of a transposed convolution."""
    taps = prod(weight.shape[2:])
    if transposed:
        return out.shape[1] * taps * prod(x.shape[2:]) * x.element_size() + out.nbytes
    return max(x.numel(), x.shape[0] * x.shape[1] * taps * prod(out.shape[2:])) * x.element_size()


def _blocked(tensor: Tensor, groups: int) -> int:
    """Return the bytes of a copy whose channels are padded to whole blocks in each group."""
    batch, channels, *space = tensor.shape
    return batch * groups * _padded(channels // groups) * prod(space) * tensor.element_size()


def _weights(weight: Tensor, groups: int) -> int:
    """Return the bytes of a copy of the weights, padded in each group."""
    first, second, *kernel = weight.shape
    blocks = groups * _padded(-(-first // groups)) * _padded(second)
    return blocks * prod(kernel) * weight.element_size()


def _padded(channels: int) -> int:
    return -(-channels // BLOCK) * BLOCK
