"""GoogLeNet: nine inception blocks (Szegedy et al. 2014, table 1)."""

from torch import nn

from netwright.blocks.conv import NormedConv, Point
from netwright.blocks.inception import Inception
from netwright.blocks.initialise import he
from netwright.blocks.norm import NORMS, Norm, none
from netwright.blocks.pooling import MAX_POOLS, GlobalAverage
from netwright.errors import UsageError
from netwright.models.registry import Entry, register

TABLE: tuple[tuple[tuple[int, int, int, int, int, int], ...], ...] = (
    ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
    (
        (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64),
        (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128),
    ),
    ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)),
)
"""Channels of 1x1, 3x3 reduced, 3x3, 5x5 reduced, 5x5 and pooled, for each block of the stages 3, 4 and 5."""


def _shrink() -> nn.Module:
    return MAX_POOLS[2](3, stride=2, ceil_mode=True)


def googlenet(*, width: int = 64, norm: Norm = none, channels: int = 3, classes: int = 1000) -> nn.Module:
    """Build GoogLeNet without its auxiliary heads (6,998,552 parameters).

    The network is as published: it has 5x5 branches, biases instead of batch norm, and local response
    normalisation in the stem. Many implementations have batch norm, and a 3x3 where the paper has a 5x5.

    Args:
        width: channels of the first convolution, a multiple of 8; all others scale with it.
        norm: `none` as published.
        channels: channels of the input.
        classes: number of outputs.
    """
    if width % 8:
        raise UsageError(f"`width` (={width}) must be a multiple of 8; take {width + -width % 8}.")
    stem = nn.Sequential(
        *(NormedConv(channels, width, 7, norm=norm, stride=2), _shrink(), nn.LocalResponseNorm(5)),
        *(Point(width, width, norm=norm), NormedConv(width, 3 * width, norm=norm)),
        *(nn.LocalResponseNorm(5), _shrink()),
    )
    layers: list[nn.Module] = []
    inside = 3 * width
    for row in TABLE:
        for one, less3, three, less5, five, pool in (tuple(n * width // 64 for n in block) for block in row):
            layers.append(Inception(inside, one, (less3, three), (less5, five), pool, norm=norm))
            inside = one + three + five + pool
        layers.append(_shrink())
    head = nn.Sequential(GlobalAverage(), nn.Dropout(0.4), nn.Linear(inside, classes))
    return he(nn.Sequential(stem, *layers[:-1], head), mode="fan_in")


register(Entry("googlenet", googlenet, (3, 224, 224), parts={"norm": NORMS}))
