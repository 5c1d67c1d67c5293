"""A network whose output is the mean over reflections of its input."""

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import chain, combinations

import torch
from torch import Tensor, nn

from netwright.errors import UsageError


class Flips(nn.Module):
    """Averages the output of a network over reflections of its input: with axes 0 and 1, over four.

    An output with axes of space, such as a map of classes, is mapped back by the same reflection before the
    mean is taken; any other, such as classes, is averaged as it is. The cost is that of the network times
    2 to the number of axes.

    Averaging helps only where a reflected input is as likely as the input itself and means the same, as in
    microscopy and aerial images. A network that learned digits or left and right takes the reflected one
    for another class.

    Args:
        net: A module of one tensor [b, c, *space], which gives [b, ...] or [b, ..., *space].
        axes: The axes of space that are reflected, counted from 0; None for all of them.

    Raises:
        UsageError: An axis is given twice, or inputs do not have it.

    >>> Flips(nn.Identity())(torch.tensor([[[1.0, 2.0]]]))
    tensor([[[1., 2.]]])
    """

    def __init__(self, net: nn.Module, axes: Sequence[int] | None = None):
        super().__init__()
        if axes is not None and (len({*axes}) < len(axes) or any(axis < 0 for axis in axes)):
            raise UsageError(f"`axes` (={tuple(axes)}) must be different axes of space, counted from 0.")
        self.net = net
        self.axes = None if axes is None else tuple(axes)
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean output for inputs [b, c, *space]."""
        subsets = list(self._subsets(x.ndim - 2))
        return reduce(torch.add, (self._reflected(x, axes) for axes in subsets)) / len(subsets)

    def extra_repr(self) -> str:
        """Return the axes."""
        return f"axes={self.axes}"

    def _reflected(self, x: Tensor, axes: tuple[int, ...]) -> Tensor:
        """Return the output for the input reflected along some axes of space, mapped back."""
        if not axes:
            output: Tensor = self.net(x)
            return output
        space = x.ndim - 2
        places = [axis - space for axis in axes]
        output = self.net(x.flip(places))
        return output.flip(places) if output.ndim >= x.ndim else output

    def _subsets(self, space: int) -> Iterator[tuple[int, ...]]:
        """Return every subset of the axes that are reflected, the empty one first."""
        axes = range(space) if self.axes is None else self.axes
        if missing := [axis for axis in axes if axis >= space]:
            raise UsageError(f"`axes` names axis {missing[0]}, and inputs have {space} axes of space.")
        return chain.from_iterable(combinations(axes, count) for count in range(len(axes) + 1))
