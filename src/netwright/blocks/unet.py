"""The parts of a U-Net: two convolutions, a step down, a step up with a skip (Ronneberger et al. 2015)."""

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
    """Build a 3x3 convolution without padding, with ReLU and without a norm, as published."""
    return NormedConv(channels, out, dims=dims, norm=none, padding=0)


class Pair(nn.Sequential):
    """Two convolutions; the first has `middle` outputs, by default as many as the second.

    Shape: `b channels *space` → `b out *space` (each side 4 shorter with `valid` convolutions).
    """

    def __init__(
        self, channels: int, out: int, *, middle: int | None = None, dims: int = 2, conv: Conv = NormedConv
    ):
        inside = out if middle is None else middle
        super().__init__(conv(channels, inside, dims=dims), conv(inside, out, dims=dims))


class Down(nn.Sequential):
    """Pool by two, then convolve twice.

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
    """Double the map by a transposed convolution with kernel and stride 2, as published."""
    return TRANSPOSED[dims](channels, out, 2, stride=2)


def resized(channels: int, out: int, dims: int) -> nn.Module:
    """Double the map by repeating positions, then convolve by 3x3: no checkerboard (Odena et al. 2016)."""
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), convolution(channels, out, dims=dims))


def crop(skip: Map, x: Map) -> Map:
    """Concatenate the centre of the skip and `x`, which `valid` convolutions made smaller, as published."""
    low = [(long - short) // 2 for long, short in zip(skip.shape[2:], x.shape[2:], strict=True)]
    if min(low) < 0:
        raise UsageError(
            f"the skip {tuple(skip.shape[2:])} is smaller than the map {tuple(x.shape[2:])}; use `Up`, "
            "which pads."
        )
    window = [slice(start, start + size) for start, size in zip(low, x.shape[2:], strict=True)]
    return torch.cat([skip[(slice(None), slice(None), *window)], x], 1)


def pad(skip: Map, x: Map) -> Map:
    """Concatenate the skip and `x`, whose last position is repeated where pooling dropped an odd one."""
    missing = [long - short for long, short in zip(skip.shape[2:], x.shape[2:], strict=True)]
    far = [edge for extra in reversed(missing) for edge in (0, extra)]
    return torch.cat([skip, F.pad(x, far, mode="replicate")], 1)


class Up(nn.Module):
    """Double the map, concatenate the skip, then convolve twice.

    Shape: `b channels *space`, `b skip *space2` → `b out *space2`.

    Args:
        channels: channels of the smaller map.
        skip: channels of the skip.
        out: channels of the result.
        up_channels: channels of the doubled map; `out` by default.
        dims: 1, 2 or 3.
        conv: called as `conv(channels, out, dims=…)`.
        up: `transposed` or `resized`.
    """

    join: Callable[[Map, Map], Map] = staticmethod(pad)

    def __init__(
        self,
        channels: int,
        skip: int,
        out: int,
        *,
        up_channels: int | None = None,
        dims: int = 2,
        conv: Conv = NormedConv,
        up: Callable[[int, int, int], nn.Module] = transposed,
    ):
        super().__init__()
        up_channels = out if up_channels is None else up_channels
        self.up = up(channels, up_channels, dims)
        self.pair = Pair(skip + up_channels, out, dims=dims, conv=conv)

    def forward(self, x: Map, skip: Map) -> Map:
        """Double, concatenate, convolve."""
        return self.pair(self.join(skip, self.up(x)))


class CroppedUp(Up):
    """`Up` with the centre of the skip, for `valid` convolutions.

    Shape: `b channels *space`, `b skip *larger` → `b out 2*space - 4`.
    """

    join = staticmethod(crop)
