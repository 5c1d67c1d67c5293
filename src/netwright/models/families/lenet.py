"""LeNet-5, an early convolutional network in daily use (LeCun, Bottou, Bengio & Haffner 1998, Fig. 2)."""

from torch import nn

from netwright.blocks.conv import convolution
from netwright.blocks.pooling import average
from netwright.errors import UsageError
from netwright.models.registry import Entry, register


def lenet5(*, channels: int = 1, size: int = 32, classes: int = 10) -> nn.Module:
    """Build two 5x5 convolutions with tanh and average pooling and three linear layers (61,706 parameters).

    This is the common variant: the third layer reads all six maps (the paper leaves connections out in table
    1 and has 60,000 parameters), pooling has no weights, and the output is linear instead of radial.

    Args:
        channels: channels of the input.
        size: height and width of the input, a multiple of 4 from 16 on; 32 as published.
        classes: number of outputs.
    """
    if size < 16 or size % 4:
        good = max(16, size + -size % 4)
        raise UsageError(f"`size` (={size}) must be a multiple of 4 from 16 on; pad to {good}.")
    side = ((size - 4) // 2 - 4) // 2
    return nn.Sequential(
        convolution(channels, 6, 5, padding=0),
        nn.Tanh(),
        average(6, 2, 2),
        convolution(6, 16, 5, padding=0),
        nn.Tanh(),
        average(16, 2, 2),
        nn.Flatten(),
        nn.Linear(16 * side**2, 120),
        nn.Tanh(),
        nn.Linear(120, 84),
        nn.Tanh(),
        nn.Linear(84, classes),
    )


register(Entry("lenet5", lenet5, (1, 32, 32)))
