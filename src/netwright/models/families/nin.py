"""Network in Network: a perceptron at each position and no linear head (Lin, Chen & Yan 2013)."""

from torch import nn

from netwright.blocks.conv import NormedConv, Point
from netwright.blocks.initialise import he
from netwright.blocks.norm import none
from netwright.blocks.pooling import AVERAGE_POOLS, MAX_POOLS, GlobalAverage
from netwright.models.registry import Entry, register


def _perceptron(channels: int, first: int, second: int, third: int, *, kernel: int) -> list[nn.Module]:
    """Return one "mlpconv": a convolution and two 1x1."""
    conv = NormedConv(channels, first, kernel, norm=none)
    return [conv, Point(first, second, norm=none), Point(second, third, norm=none)]


def nin(*, width: int = 192, channels: int = 3, classes: int = 10) -> nn.Module:
    """Build three perceptron convolutions and global average pooling (966,986 parameters).

    The sizes are those of the authors' model file for CIFAR-10; the paper does not list them.

    Args:
        width: channels of most layers, a multiple of 6; the first two 1x1 have 5/6 and 1/2 of them.
        channels: channels of the input.
        classes: number of outputs.
    """
    return he(
        nn.Sequential(
            *_perceptron(channels, width, width * 5 // 6, width // 2, kernel=5),
            MAX_POOLS[2](3, stride=2, ceil_mode=True),
            nn.Dropout(),
            *_perceptron(width // 2, width, width, width, kernel=5),
            AVERAGE_POOLS[2](3, stride=2, ceil_mode=True),
            nn.Dropout(),
            *_perceptron(width, width, width, classes, kernel=3),
            GlobalAverage(),
        )
    )


register(Entry("nin", nin, (3, 32, 32)))
