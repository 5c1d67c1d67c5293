"""A residual network for time series (Wang, Yan & Oates 2017, Fig. 1c)."""

from jaxtyping import Float
from torch import Tensor, nn

from netwright.blocks.conv import NormedConv
from netwright.blocks.initialise import he
from netwright.blocks.norm import batch
from netwright.blocks.pooling import GlobalAverage
from netwright.models.registry import Entry, register


class SeriesBlock(nn.Module):
    """Three convolutions with shrinking kernels, and a normed shortcut (Fig. 1c).

    Shape: `b channels time` → `b out time`.
    """

    def __init__(self, channels: int, out: int):
        super().__init__()
        self.branch = nn.Sequential(
            NormedConv(channels, out, 7, dims=1),
            NormedConv(out, out, 5, dims=1),
            NormedConv(out, out, 3, dims=1, act=nn.Identity),
        )
        same = channels == out
        self.shortcut = batch(out, 1) if same else NormedConv(channels, out, 1, dims=1, act=nn.Identity)
        self.act = nn.ReLU()

    def forward(self, x: Float[Tensor, "b c time"]) -> Float[Tensor, "b c2 time"]:
        """Rectify the sum of branch and shortcut."""
        return self.act(self.branch(x) + self.shortcut(x))


def series_resnet(*, width: int = 64, channels: int = 1, classes: int = 2) -> nn.Module:
    """Build blocks of `width`, 2 `width` and 2 `width` channels, a global average and a linear head.

    The first kernel is 7 as in most implementations, and not 8 as in the paper: an even kernel cannot keep
    the length with equal padding on both sides. A series may have any length.

    Args:
        width: channels of the first block.
        channels: channels of the input, one for each sensor.
        classes: number of outputs.
    """
    return he(
        nn.Sequential(
            SeriesBlock(channels, width),
            SeriesBlock(width, 2 * width),
            SeriesBlock(2 * width, 2 * width),
            GlobalAverage(dims=1),
            nn.Linear(2 * width, classes),
        )
    )


register(Entry("series_resnet", series_resnet, (1, 128)))
