"""FracTAL ResUNet: a U-Net of attentive residual units (Diakogiannis, Waldner & Caccetta 2020)."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.blocks.conv import NormedConv, Point, convolution
from netwright.blocks.fractal import FractalUnit
from netwright.blocks.unet import pad
from netwright.models.families.unet import UNet
from netwright.models.registry import Entry, register

POOL_TO = {1: F.adaptive_max_pool1d, 2: F.adaptive_max_pool2d, 3: F.adaptive_max_pool3d}


class PyramidPooling(nn.Module):
    """Concatenate the map and its maxima over 1, 2, 4 and 8 parts per side (Zhao et al. 2017, Fig. 3).

    Shape: `b channels *space` → the same.
    """

    def __init__(self, channels: int, *, dims: int = 2):
        super().__init__()
        self.parts = (1, 2, 4, 8)
        self.pool = POOL_TO[dims]
        self.points = nn.ModuleList([Point(channels, channels // 4, dims=dims) for _ in self.parts])
        self.merge = Point(channels + 4 * (channels // 4), channels, dims=dims)

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c *space"]:
        """Pool each level, narrow it, and resize it to the size of the map."""
        pooled = [self.pool(x, parts) for parts in self.parts]
        narrow = [point(level) for point, level in zip(self.points, pooled, strict=True)]
        return self.merge(torch.cat([x, *(F.interpolate(level, size=x.shape[2:]) for level in narrow)], 1))


class AttentiveUp(nn.Module):
    """Double the map by repeating positions, merge it with the skip, then apply FracTAL units.

    Shape: `b channels *space`, `b out *space2` → `b out *space2`.
    """

    def __init__(self, channels: int, out: int, units: nn.Module, *, dims: int = 2):
        super().__init__()
        self.rise = nn.Sequential(nn.Upsample(scale_factor=2), Point(channels, out, dims=dims))
        self.merge = Point(2 * out, out, dims=dims)
        self.units = units

    def forward(
        self, x: Float[Tensor, "b c *space"], skip: Float[Tensor, "b c2 *space2"]
    ) -> Float[Tensor, "b c2 *space2"]:
        """Double, merge with the skip, attend."""
        return self.units(self.merge(pad(skip, self.rise(x))))


def fractal_resunet(
    *, width: int = 32, depth: int = 5, units: int = 2, dims: int = 2, channels: int = 3, classes: int = 2
) -> nn.Module:
    """Build a U-Net of FracTAL residual units, with pyramid pooling in the middle and before the head.

    The output has the size of the input. There is one head: the conditioned multitask heads of the paper
    (boundaries, distances) are left out, and no parameter count is published to compare with. Attention has
    four channels per group, as in the authors' code.

    Args:
        width: channels of the first map, a multiple of 4; they double at each halving.
        depth: number of halvings.
        units: number of FracTAL units at each size, on the way down and on the way up.
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the input.
        classes: outputs at each position.
    """
    widths = [width * 2**level for level in range(depth + 1)]

    def level(out: int) -> nn.Sequential:
        return nn.Sequential(*[FractalUnit(out, groups=out // 4, dims=dims) for _ in range(units)])

    steps = list(pairwise(widths))
    downs = [
        nn.Sequential(NormedConv(a, b, stride=2, dims=dims, act=nn.Identity), level(b)) for a, b in steps
    ]
    downs[-1].append(PyramidPooling(widths[-1], dims=dims))
    ups = [AttentiveUp(b, a, level(a), dims=dims) for a, b in reversed(steps)]
    first = nn.Sequential(Point(channels, width, dims=dims, act=nn.Identity), level(width))
    head = nn.Sequential(PyramidPooling(width, dims=dims), convolution(width, classes, 1, dims=dims))
    return UNet(first, downs, ups, head)


register(Entry("fractal_resunet", fractal_resunet, (3, 256, 256)))
