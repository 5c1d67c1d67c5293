"""Ways to shrink a map: each function takes the channels, a factor and `dims`, and returns a module."""

from collections.abc import Callable, Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.blocks.conv import convolution

Pool = Callable[[int, int, int], nn.Module]

MAX_POOLS = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
AVERAGE_POOLS = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}
ADAPTIVE_POOLS = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d, 3: nn.AdaptiveAvgPool3d}
_CONVOLVE = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


def maximum(channels: int, factor: int, dims: int) -> nn.Module:
    """Take the largest value of each window with `factor` positions per side."""
    return MAX_POOLS[dims](factor)


def average(channels: int, factor: int, dims: int) -> nn.Module:
    """Take the mean of each window with `factor` positions per side."""
    return AVERAGE_POOLS[dims](factor)


def strided(channels: int, factor: int, dims: int) -> nn.Module:
    """Pool by a convolution whose kernel and stride are `factor` (Springenberg et al. 2015)."""
    return convolution(channels, channels, factor, dims=dims, stride=factor, padding=0)


def blurred(channels: int, factor: int, dims: int) -> nn.Module:
    """Pool by a maximum at stride 1, then `Blur`, which is anti-aliased (Zhang 2019).

    The size is rounded up: 33 becomes 17 at factor 2.
    """
    dense = MAX_POOLS[dims](3, stride=1, padding=1)
    return nn.Sequential(dense, Blur(factor, dims=dims))


POOLS: Mapping[str, Pool] = {"max": maximum, "average": average, "strided": strided, "blur": blurred}


class Blur(nn.Module):
    """Smooth the map by [1, 2, 1] / 4 along each axis and keep every `factor`-th position (Zhang 2019).

    The border is mirrored.

    Shape: `b channels *space` → `b channels *space / factor` (rounded up).

    >>> Blur(2, dims=1)(torch.tensor([[[0.0, 4.0, 0.0, 4.0]]]))
    tensor([[[2., 2.]]])
    """

    kernel: Tensor

    def __init__(self, factor: int = 2, *, dims: int = 2):
        super().__init__()
        self.factor, self.dims = factor, dims
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        kernel = line
        for _ in range(dims - 1):
            kernel = kernel[..., None] * line
        self.register_buffer("kernel", kernel[None, None], persistent=False)

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c *space2"]:
        """Mirror the border, smooth each channel on its own, and keep every `factor`-th position."""
        channels = x.shape[1]
        padded = F.pad(x, (1, 1) * self.dims, mode="reflect")
        kernel = self.kernel.to(x.dtype).expand(channels, 1, *self.kernel.shape[2:])
        return _CONVOLVE[self.dims](padded, kernel, stride=self.factor, groups=channels)

    def extra_repr(self) -> str:
        """Show the factor in `print(net)`."""
        return f"factor={self.factor}"


class GlobalAverage(nn.Sequential):
    """Take the mean of each channel over the whole map (Lin et al. 2013).

    Shape: `b channels *space` → `b channels`.
    """

    def __init__(self, *, dims: int = 2):
        super().__init__(ADAPTIVE_POOLS[dims](1), nn.Flatten())
