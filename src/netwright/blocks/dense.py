"""Dense blocks: each layer sees the outputs of all layers before it (Huang et al. 2017)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from netwright.blocks.conv import PreConv
from netwright.blocks.pooling import Pool, average


class DenseLayer(nn.Module):
    """Append `growth` channels, computed by a 1x1 to four times as many and a 3x3 (the "B" of DenseNet-BC).

    Shape: `b channels *space` → `b channels + growth *space`.
    """

    def __init__(self, channels: int, growth: int, *, dims: int = 2):
        super().__init__()
        self.reduce = PreConv(channels, 4 * growth, 1, dims=dims)
        self.spatial = PreConv(4 * growth, growth, dims=dims)

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c2 *space"]:
        """Concatenate the input and the new channels."""
        return torch.cat([x, self.spatial(self.reduce(x))], 1)


class DenseBlock(nn.Sequential):
    """A sequence of dense layers, each of which reads all maps before it (Huang et al. 2017, Fig. 1).

    Shape: `b channels *space` → `b channels + layers * growth *space`.
    """

    def __init__(self, channels: int, layers: int, growth: int, *, dims: int = 2):
        super().__init__(*[DenseLayer(channels + i * growth, growth, dims=dims) for i in range(layers)])


class Transition(nn.Sequential):
    """A pre-activated 1x1 to `out` channels, then pooling by two (the "C" of DenseNet-BC).

    Shape: `b channels *space` → `b out *space / 2` (rounded down).
    """

    def __init__(self, channels: int, out: int, *, dims: int = 2, pool: Pool = average):
        super().__init__(PreConv(channels, out, 1, dims=dims), pool(out, 2, dims))
