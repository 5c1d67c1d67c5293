"""A network that takes raw values: the normalisation of its training is its first operation."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Raw(nn.Module):
    """Applies `(x - range[0]) / (range[1] - range[0])`, then `(x - mean) / std`, then the network.

    Args:
        net: The network.
        range: The stored values that stand for 0 and 1.
        mean: Mean of each channel, in units of 0..1.
        std: Deviation of each channel, in units of 0..1; a constant channel is only shifted.
        axes: Axes of one input without the channels: 2 for images.

    >>> net = Raw(nn.Identity(), range=(0, 255), mean=[0.5], std=[0.5], axes=2)
    >>> net(torch.tensor([[[[0.0, 127.5, 255.0]]]]))
    tensor([[[[-1.,  0.,  1.]]]])
    """

    scale: Tensor
    offset: Tensor

    def __init__(
        self,
        net: nn.Module,
        *,
        range: Sequence[float],
        mean: Sequence[float],
        std: Sequence[float],
        axes: int,
    ):
        super().__init__()
        low, high = range
        spread = torch.tensor(std, dtype=torch.float64)
        spread = torch.where(spread > 0, spread, 1.0)
        shape = (1, -1, *(1,) * axes)
        self.low = float(low)
        self.register_buffer("scale", (1 / (spread * ((high - low) or 1.0))).float().reshape(shape))
        self.register_buffer(
            "offset", (-torch.tensor(mean, dtype=torch.float64) / spread).float().reshape(shape)
        )
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of the network for raw values [b, c, *space]."""
        if self.low:  # subtracted first, because values far from 0 have few digits left for their differences
            x = x - self.low
        return self.net(x * self.scale + self.offset)
