"""Stacked hourglasses for key points (Newell, Yang & Deng 2016)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from netwright.blocks.conv import NormedConv, Point, convolution
from netwright.blocks.hourglass import HalfBottleneck, Hourglass
from netwright.blocks.pooling import maximum
from netwright.models.registry import Entry, register


class Stack(nn.Module):
    """One hourglass and its prediction.

    Shape: `b width *space` → features `b width *space`, heat maps `b classes *space`.
    """

    def __init__(self, width: int, classes: int, *, depth: int, dims: int):
        super().__init__()
        self.hourglass = Hourglass(width, depth, dims=dims)
        self.residual = HalfBottleneck(width, width, dims=dims)
        self.linear = Point(width, width, dims=dims)
        self.predict = convolution(width, classes, 1, dims=dims)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the features for the next stack, and the prediction of this one."""
        features = self.linear(self.residual(self.hourglass(x)))
        return features, self.predict(features)


class StackedHourglass(nn.Module):
    """A sequence of hourglasses; each but the last passes its features and its prediction on (Fig. 4 right).

    Shape: `b channels *space` → `b stacks classes *space / 4`: the heat maps of every stack, for
    intermediate supervision. The result is `y[:, -1]`.
    """

    def __init__(self, stem: nn.Module, stacks: int, width: int, classes: int, *, depth: int, dims: int):
        super().__init__()
        between = range(stacks - 1)
        self.stem = stem
        self.stacks = nn.ModuleList([Stack(width, classes, depth=depth, dims=dims) for _ in range(stacks)])
        self.features = nn.ModuleList([convolution(width, width, 1, dims=dims) for _ in between])
        self.heat = nn.ModuleList([convolution(classes, width, 1, dims=dims) for _ in between])

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b stacks classes *space2"]:
        """Give each stack the sum of all features and predictions before it."""
        x = self.stem(x)
        predictions = []
        for index, stack in enumerate(self.stacks):
            features, heat = stack(x)
            predictions.append(heat)
            if index < len(self.features):
                x = x + self.features[index](features) + self.heat[index](heat)
        return torch.stack(predictions, 1)


def hourglass(
    stacks: int, *, width: int = 256, depth: int = 4, dims: int = 2, channels: int = 3, classes: int = 16
) -> nn.Module:
    """Build a stem that quarters the map, then `stacks` hourglasses (eight: 25,373,248 parameters).

    The stem (64, 128, 128, 256) and one residual block at each place are those of the authors' code, which
    also gives every convolution a bias (60,864 more parameters at eight). A well-known PyTorch port has a
    wider stem (25.6 million parameters).

    Args:
        stacks: number of hourglasses.
        width: channels inside, a multiple of 4.
        depth: number of halvings inside each hourglass.
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the input.
        classes: number of key points; each has one heat map.
    """
    half, quarter = width // 2, width // 4
    stem = nn.Sequential(
        NormedConv(channels, quarter, 7, stride=2, dims=dims),
        HalfBottleneck(quarter, half, dims=dims),
        maximum(half, 2, dims),
        HalfBottleneck(half, half, dims=dims),
        HalfBottleneck(half, width, dims=dims),
    )
    return StackedHourglass(stem, stacks, width, classes, depth=depth, dims=dims)


register(Entry("hourglass", hourglass, (3, 256, 256)))
for _stacks in (1, 2, 4, 8):
    register(Entry(f"hourglass{_stacks}", hourglass, (3, 256, 256), {"stacks": _stacks}))
