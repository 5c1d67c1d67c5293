"""U-Net in two and three dimensions (Ronneberger, Fischer & Brox 2015; Çiçek et al. 2016)."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from netwright.blocks.conv import NormedConv, convolution
from netwright.blocks.initialise import he
from netwright.blocks.unet import CroppedUp, Down, Pair, Up, resized, transposed, valid
from netwright.models.registry import Entry, register


class UNet(nn.Module):
    """Steps down to the smallest map, and steps up that read the map of each size.

    Shape: `b channels *space` → `b classes *space` (smaller with valid convolutions).
    """

    def __init__(
        self, first: nn.Module, downs: Sequence[nn.Module], ups: Sequence[nn.Module], head: nn.Module
    ):
        super().__init__()
        self.first = first
        self.downs = nn.ModuleList(downs)
        self.ups = nn.ModuleList(ups)
        self.head = head

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b classes *space2"]:
        """Keep the maps on the way down as skips for the way up."""
        maps = [self.first(x)]
        for down in self.downs:
            maps.append(down(maps[-1]))
        y = maps.pop()
        for up in self.ups:
            y = up(y, maps.pop())
        return self.head(y)


def unet(*, width: int = 64, depth: int = 4, dims: int = 2, channels: int = 1, classes: int = 2) -> nn.Module:
    """Build the published U-Net: valid convolutions, cropped skips, no norm (31,030,658 parameters).

    An input of 572x572 becomes 388x388; 188 and 572 are sides that every pooling halves evenly. Dropout is
    left out, because the paper gives neither its place nor its probability.

    Args:
        width: channels of the first map; they double at each halving.
        depth: number of halvings.
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the input.
        classes: number of outputs at each position.
    """
    widths = [width * 2**level for level in range(depth + 1)]
    steps = list(pairwise(widths))
    return he(
        UNet(
            Pair(channels, width, dims=dims, conv=valid),
            [Down(a, b, dims=dims, conv=valid) for a, b in steps],
            [CroppedUp(b, a, a, dims=dims, conv=valid) for a, b in reversed(steps)],
            convolution(width, classes, 1, dims=dims),
        )
    )


def unet_same(
    *,
    width: int = 64,
    depth: int = 4,
    up: Callable[[int, int, int], nn.Module] = transposed,
    dims: int = 2,
    channels: int = 1,
    classes: int = 2,
) -> nn.Module:
    """Build a U-Net with padding and batch norm, whose output has the size of its input.

    Args:
        width: channels of the first map; they double at each halving.
        depth: number of halvings; a side must be at least 2^depth.
        up: `transposed`, or `resized` (no checkerboard).
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the input.
        classes: number of outputs at each position.
    """
    widths = [width * 2**level for level in range(depth + 1)]
    steps = list(pairwise(widths))
    return he(
        UNet(
            Pair(channels, width, dims=dims),
            [Down(a, b, dims=dims) for a, b in steps],
            [Up(b, a, a, dims=dims, up=up) for a, b in reversed(steps)],
            convolution(width, classes, 1, dims=dims),
        )
    )


def _valid_normed(channels: int, out: int, *, dims: int) -> nn.Module:
    return NormedConv(channels, out, dims=dims, padding=0)


def unet3d(*, width: int = 32, depth: int = 3, channels: int = 3, classes: int = 3) -> nn.Module:
    """Build the published 3-D U-Net (Çiçek et al. 2016, Fig. 2): 132x132x116 becomes 44x44x28.

    Channels double before each pooling and stay on the way up; a batch norm comes before each ReLU. It has
    19,073,187 parameters. The paper says 19,069,955, which is the same network with one bias per channel
    instead of the scale and shift of the norms, and without biases at the transposed convolutions.

    Args:
        width: outputs of the first convolution.
        depth: number of halvings.
        channels: channels of the input.
        classes: number of outputs at each position.
    """
    widths = [2 * width * 2**level for level in range(depth + 1)]
    steps = list(pairwise(widths))
    conv = _valid_normed
    return he(
        UNet(
            Pair(channels, widths[0], middle=width, dims=3, conv=conv),
            [Down(a, b, middle=a, dims=3, conv=conv) for a, b in steps],
            [CroppedUp(b, a, a, up_channels=b, dims=3, conv=conv) for a, b in reversed(steps)],
            convolution(widths[0], classes, 1, dims=3),
        )
    )


register(Entry("unet", unet, (1, 572, 572)))
register(
    Entry("unet_same", unet_same, (1, 512, 512), parts={"up": {"transposed": transposed, "resized": resized}})
)
register(Entry("unet3d", unet3d, (3, 116, 132, 132)))
register(Entry("unet3d_same", unet_same, (1, 64, 128, 128), {"dims": 3, "width": 32, "depth": 3}))
