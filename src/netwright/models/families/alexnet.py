"""AlexNet, which won the ImageNet challenge of 2012 (Krizhevsky, Sutskever & Hinton 2012, Fig. 2)."""

from torch import nn

from netwright.blocks.conv import NormedConv
from netwright.blocks.norm import none
from netwright.blocks.pooling import MAX_POOLS
from netwright.errors import UsageError
from netwright.models.registry import Entry, register


def alexnet(
    *, width: int = 96, hidden: int = 4096, channels: int = 3, size: int = 227, classes: int = 1000
) -> nn.Module:
    """Build five convolutions, three with a pooling, and three linear layers (60,965,224 parameters).

    The network is as published, with the second, fourth and fifth convolution in two groups, overlapping
    pooling and local response normalisation. The paper says 224x224, but its map of 55x55 needs 227. The
    single-column variant of 2014 with 61,100,840 parameters is another network.

    Args:
        width: channels of the first convolution, a multiple of 6; the others are 8/3 and 4 times as wide.
        hidden: units of the two hidden linear layers.
        channels: channels of the input.
        size: height and width of the input, at least 67.
        classes: number of outputs.
    """
    if width % 6:
        raise UsageError(f"`width` (={width}) must be a multiple of 6; take {width + -width % 6}.")
    side = (size - 11) // 4 + 1
    for _ in range(3):
        side = (side - 1) // 2
    if side < 1:
        raise UsageError(f"`size` (={size}) leaves no map for the linear layers; take 67 or more.")
    middle, widest = width * 8 // 3, width * 4
    return nn.Sequential(
        NormedConv(channels, width, 11, norm=none, stride=4, padding=0),
        nn.LocalResponseNorm(5, k=2.0),
        MAX_POOLS[2](3, stride=2),
        NormedConv(width, middle, 5, norm=none, groups=2),
        nn.LocalResponseNorm(5, k=2.0),
        MAX_POOLS[2](3, stride=2),
        NormedConv(middle, widest, norm=none),
        NormedConv(widest, widest, norm=none, groups=2),
        NormedConv(widest, middle, norm=none, groups=2),
        MAX_POOLS[2](3, stride=2),
        nn.Flatten(),
        *(nn.Dropout(), nn.Linear(middle * side**2, hidden), nn.ReLU()),
        *(nn.Dropout(), nn.Linear(hidden, hidden), nn.ReLU()),
        nn.Linear(hidden, classes),
    )


register(Entry("alexnet", alexnet, (3, 227, 227)))
