"""The U-Net's parts: two convolutions, a way down, a way up that takes the skip along (Ronneberger 2015)."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.blocks.conv import TRANSPOSED, NormedConv, convolution
from netwright.blocks.norm import none
from netwright.blocks.pooling import Pool, maximum
from netwright.errors import UsageError

Conv = Callable[..., nn.Module]
Map = Float[Tensor, "b c *space"]


def valid(channels: int, out: int, *, dims: int = 2) -> nn.Module:
    """As published: 3x3 without padding, ReLU, no norm; each loses a border of one."""
    return NormedConv(channels, out, dims=dims, norm=none, padding=0)


class Pair(nn.Sequential):
    """Two convolutions; the first has `middle` outputs, as many as the second if not given.

    Shape: `b channels *space` → `b out *space` (each side 4 shorter with `valid` convolutions).
    """

    def __init__(
        self, channels: int, out: int, *, middle: int | None = None, dims: int = 2, conv: Conv = NormedConv
    ):
        inside = out if middle is None else middle
        super().__init__(conv(channels, inside, dims=dims), conv(inside, out, dims=dims))


class Down(nn.Sequential):
    """Pool by two, then a pair of convolutions.

    Shape: `b channels *space` → `b out *space / 2` (rounded down).
    """

    def __init__(
        self,
        channels: int,
        out: int,
        *,
        middle: int | None = None,
        dims: int = 2,
        conv: Conv = NormedConv,
        pool: Pool = maximum,
    ):
        super().__init__(pool(channels, 2, dims), Pair(channels, out, middle=middle, dims=dims, conv=conv))


def transposed(channels: int, out: int, dims: int) -> nn.Module:
    """Up by a transposed convolution with kernel and stride 2, as published."""
    return TRANSPOSED[dims](channels, out, 2, stride=2)


def resized(channels: int, out: int, dims: int) -> nn.Module:
    """Up by repeating positions, then a 3x3 convolution: no checkerboard (Odena et al. 2016)."""
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), convolution(channels, out, dims=dims))


def crop(skip: Map, x: Map) -> Map:
    """The skip's centre beside `x`, as published: `valid` convolutions have made `x` the smaller one."""
    low = [(long - short) // 2 for long, short in zip(skip.shape[2:], x.shape[2:], strict=True)]
    if min(low) < 0:
        raise UsageError(f"`skip` {tuple(skip.shape[2:])} is smaller than {tuple(x.shape[2:])}; use `pad`.")
    window = [slice(start, start + size) for start, size in zip(low, x.shape[2:], strict=True)]
    return torch.cat([skip[(slice(None), slice(None), *window)], x], 1)


def pad(skip: Map, x: Map) -> Map:
    """The whole skip beside `x`, whose far edge is repeated where pooling dropped an odd last position."""
    missing = [long - short for long, short in zip(skip.shape[2:], x.shape[2:], strict=True)]
    far = [edge for extra in reversed(missing) for edge in (0, extra)]
    return torch.cat([skip, F.pad(x, far, mode="replicate")], 1)


class Up(nn.Module):
    """Double the map, put the skip beside it, then a pair of convolutions.

    Args:
        channels: of the map from below.
        skip: channels of the skip.
        out: channels of the result.
        rise: channels after doubling; `out` if not given.
        conv: called as `conv(channels, out, dims=…)`.
        up: `transposed` or `resized`.

    Shape: `b channels *space`, `b skip *space2` → `b out *space2`.
    """

    join: Callable[[Map, Map], Map] = staticmethod(pad)

    def __init__(
        self,
        channels: int,
        skip: int,
        out: int,
        *,
        rise: int | None = None,
        dims: int = 2,
        conv: Conv = NormedConv,
        up: Callable[[int, int, int], nn.Module] = transposed,
    ):
        super().__init__()
        rise = out if rise is None else rise
        self.up = up(channels, rise, dims)
        self.pair = Pair(skip + rise, out, dims=dims, conv=conv)

    def forward(self, x: Map, skip: Map) -> Map:
        """Up, beside the skip, convolve."""
        return self.pair(self.join(skip, self.up(x)))


class CroppedUp(Up):
    """`Up` that takes the skip's centre, for `valid` convolutions.

    Shape: `b channels *space`, `b skip *larger` → `b out 2*space - 4`.
    """

    join = staticmethod(crop)
