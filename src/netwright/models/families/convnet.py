"""Two networks to start from, a small ConvNet and a multilayer perceptron (LeCun 1998; Rumelhart 1986)."""

from collections.abc import Sequence
from math import prod

from torch import nn

from netwright.errors import UsageError
from netwright.models.registry import Entry, register


def convnet(*, channels: int = 3, size: int = 32, classes: int = 10) -> nn.Module:
    """Build two convolutions with tanh and pooling and two linear layers (18,354 parameters at 3x32x32).

    Args:
        channels: channels of the input.
        size: height and width of the input, a multiple of 4 because of two poolings.
        classes: number of outputs.
    """
    if size < 4 or size % 4:
        raise UsageError(f"`size` (={size}) must be a multiple of 4; pad to {max(4, size + -size % 4)}.")
    return nn.Sequential(
        nn.Conv2d(channels, 16, 3, padding=1),
        nn.Tanh(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 8, 3, padding=1),
        nn.Tanh(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(8 * (size // 4) ** 2, 32),
        nn.Tanh(),
        nn.Linear(32, classes),
    )


def mlp(
    *,
    channels: int = 3,
    size: int | Sequence[int] = 32,
    hidden: Sequence[int] = (512,),
    classes: int = 10,
) -> nn.Module:
    """Build a multilayer perceptron with tanh on the flattened input.

    Args:
        channels: channels of the input.
        size: height and width of the input, or all its sides as in `size=(400, 600)`.
        hidden: number of units of each hidden layer; it may be empty.
        classes: number of outputs.
    """
    layers: list[nn.Module] = [nn.Flatten()]
    inside = channels * (size * size if isinstance(size, int) else prod(size))
    for units in hidden:
        layers += [nn.Linear(inside, units), nn.Tanh()]
        inside = units
    return nn.Sequential(*layers, nn.Linear(inside, classes))


register(Entry("convnet", convnet, (3, 32, 32)))
register(Entry("mlp", mlp, (3, 32, 32)))
