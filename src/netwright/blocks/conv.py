"""Convolution, normalisation and activation as one block, in one, two or three dimensions.

A convolution is described by its pattern *kernel, stride, padding*: 3,1,1 keeps the size of the map
(`NormedConv` with its defaults), 4,2,1 halves it (`Halve`) or doubles it (`Double`), and 1,1,0 is a linear
layer at each position (`Point`).
"""

from collections import OrderedDict
from typing import TypedDict, Unpack

from torch import nn

from netwright.blocks.activation import Activation
from netwright.blocks.norm import Norm, batch
from netwright.errors import UsageError

CONVOLUTIONS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}


class Window(TypedDict, total=False):
    """Further options of a convolution; without `padding`, it is chosen by `same`."""

    stride: int
    padding: int
    dilation: int
    groups: int


def same(kernel: int, dilation: int = 1) -> int:
    """Return the padding that keeps the size of the map at stride 1.

    >>> same(3), same(5), same(3, dilation=4)
    (1, 2, 4)

    Raises:
        UsageError: the kernel is even, so that no equal padding of both sides keeps the size.
    """
    if kernel % 2 == 0:
        raise UsageError(
            f"`kernel` (={kernel}) is even, so no padding keeps the size of the map; "
            f"take {kernel - 1} or {kernel + 1}, or set `padding`."
        )
    return dilation * (kernel - 1) // 2


def halving(kernel: int) -> int:
    """Return the padding with which an even kernel at stride 2 halves an even map.

    A transposed convolution with the same kernel and padding doubles any map.

    >>> halving(4), halving(2)
    (1, 0)

    Raises:
        UsageError: the kernel is odd, so that it would halve a map off its centre.
    """
    if kernel < 2 or kernel % 2:
        raise UsageError(f"`kernel` (={kernel}) must be even to halve or double a map; take 2 or 4.")
    return (kernel - 2) // 2


def convolution(
    channels: int, out: int, kernel: int = 3, *, dims: int = 2, bias: bool = True, **window: Unpack[Window]
) -> nn.Module:
    """Build a convolution that keeps the size of the map at stride 1, unless `padding` is set.

    >>> convolution(3, 8, 5, stride=2, bias=False)
    Conv2d(3, 8, kernel_size=(5, 5), stride=(2, 2), padding=(2, 2), bias=False)
    """
    if "padding" not in window:
        window["padding"] = same(kernel, window.get("dilation", 1))
    return CONVOLUTIONS[dims](channels, out, kernel, bias=bias, **window)


def _sequence(**parts: nn.Module) -> "OrderedDict[str, nn.Module]":
    """Return the named parts without those that do nothing."""
    return OrderedDict((name, part) for name, part in parts.items() if not isinstance(part, nn.Identity))


class NormedConv(nn.Sequential):
    """Convolution, normalisation, activation (Ioffe & Szegedy 2015), as parts `conv`, `norm`, `act`.

    The norm subtracts the mean, so the convolution has a bias only if there is no norm. Parts that do nothing
    are left out.

    Shape: `b channels *space` → `b out *space / stride` (rounded up, for an odd `kernel`).

    >>> import torch
    >>> NormedConv(3, 16, stride=2)(torch.zeros(2, 3, 8, 8)).shape
    torch.Size([2, 16, 4, 4])
    """

    def __init__(
        self,
        channels: int,
        out: int,
        kernel: int = 3,
        *,
        dims: int = 2,
        norm: Norm = batch,
        act: Activation = nn.ReLU,
        **window: Unpack[Window],
    ):
        normed = norm(out, dims)
        bias = isinstance(normed, nn.Identity)
        conv = convolution(channels, out, kernel, dims=dims, bias=bias, **window)
        super().__init__(_sequence(conv=conv, norm=normed, act=act()))


class Point(NormedConv):
    """Pattern 1,1,0: apply a linear layer at each position (Lin, Chen & Yan 2013).

    Shape: `b channels *space` → `b out *space`.
    """

    def __init__(
        self, channels: int, out: int, *, dims: int = 2, norm: Norm = batch, act: Activation = nn.ReLU
    ):
        super().__init__(channels, out, 1, dims=dims, norm=norm, act=act)


class Halve(NormedConv):
    """Pattern 4,2,1: halve an even map (Radford, Metz & Chintala 2016).

    With `kernel=2` the pattern is 2,2,0, which does not read any padding on a map of 2x2.

    Shape: `b channels *space` → `b out *space / 2`.

    >>> Halve(8, 16, kernel=2).conv
    Conv2d(8, 16, kernel_size=(2, 2), stride=(2, 2), bias=False)
    """

    def __init__(
        self,
        channels: int,
        out: int,
        *,
        kernel: int = 4,
        dims: int = 2,
        norm: Norm = batch,
        act: Activation = nn.ReLU,
    ):
        padding = halving(kernel)
        super().__init__(channels, out, kernel, dims=dims, norm=norm, act=act, stride=2, padding=padding)


class Double(nn.Sequential):
    """Pattern 4,2,1 transposed: double the map (Radford, Metz & Chintala 2016).

    The stride divides the kernel, so there is no checkerboard (Odena et al. 2016). With `kernel=2` the
    pattern is 2,2,0, all of whose taps write to the result on a map of 1x1.

    Shape: `b channels *space` → `b out 2*space`.
    """

    def __init__(
        self,
        channels: int,
        out: int,
        *,
        kernel: int = 4,
        dims: int = 2,
        norm: Norm = batch,
        act: Activation = nn.ReLU,
    ):
        normed = norm(out, dims)
        bias = isinstance(normed, nn.Identity)
        conv = TRANSPOSED[dims](channels, out, kernel, stride=2, padding=halving(kernel), bias=bias)
        super().__init__(_sequence(conv=conv, norm=normed, act=act()))


class PreConv(nn.Sequential):
    """Normalisation, activation, convolution: the pre-activation order (He et al. 2016, Fig. 4e).

    Shape: `b channels *space` → `b out *space / stride` (rounded up, for an odd `kernel`).
    """

    def __init__(
        self,
        channels: int,
        out: int,
        kernel: int = 3,
        *,
        dims: int = 2,
        norm: Norm = batch,
        act: Activation = nn.ReLU,
        **window: Unpack[Window],
    ):
        normed = norm(channels, dims)
        bias = isinstance(normed, nn.Identity)
        conv = convolution(channels, out, kernel, dims=dims, bias=bias, **window)
        super().__init__(_sequence(norm=normed, act=act(), conv=conv))
