"""Inception blocks: kernels of several sizes side by side (Szegedy et al. 2014, "Going Deeper", Fig. 2)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from netwright.blocks.conv import NormedConv, Point
from netwright.blocks.norm import Norm, batch
from netwright.blocks.pooling import MAX_POOLS


class Branches(nn.ModuleList):
    """Modules that all read the input; their outputs are concatenated along the channels.

    Shape: `b channels *space` → `b outputs *space`, where `outputs` is their sum.
    """

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c2 *space"]:
        """Concatenate in the order of the branches."""
        return torch.cat([branch(x) for branch in self], 1)


class NaiveInception(Branches):
    """Convolutions of 1x1, 3x3 and 5x5 and a 3x3 max pooling side by side (Fig. 2a).

    Shape: `b channels *space` → `b one + three + five + channels *space`.
    """

    def __init__(self, channels: int, one: int, three: int, five: int, *, dims: int = 2, norm: Norm = batch):
        super().__init__(
            [
                Point(channels, one, dims=dims, norm=norm),
                NormedConv(channels, three, 3, dims=dims, norm=norm),
                NormedConv(channels, five, 5, dims=dims, norm=norm),
                MAX_POOLS[dims](3, stride=1, padding=1),
            ]
        )


class Inception(Branches):
    """`NaiveInception` with 1x1 convolutions before the larger ones and after the pooling (Fig. 2b).

    `three` and `five` are pairs: the channels after the 1x1 convolution, and the outputs.
    Shape: `b channels *space` → `b one + three[1] + five[1] + pool *space`.
    """

    def __init__(
        self,
        channels: int,
        one: int,
        three: tuple[int, int],
        five: tuple[int, int],
        pool: int,
        *,
        dims: int = 2,
        norm: Norm = batch,
    ):
        def reduced(kernel: int, inside: int, out: int) -> nn.Module:
            return nn.Sequential(
                Point(channels, inside, dims=dims, norm=norm),
                NormedConv(inside, out, kernel, dims=dims, norm=norm),
            )

        pooled = nn.Sequential(
            MAX_POOLS[dims](3, stride=1, padding=1), Point(channels, pool, dims=dims, norm=norm)
        )
        point = Point(channels, one, dims=dims, norm=norm)
        super().__init__([point, reduced(3, *three), reduced(5, *five), pooled])
