"""Residual blocks and their shortcuts (He, Zhang, Ren & Sun 2015, "Deep Residual Learning")."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.blocks.conv import NormedConv

Shortcut = Callable[[int, int, int, int], nn.Module]


class Subsample(nn.Module):
    """Option A: every `stride`-th position, and zeros for the new channels; no parameters.

    Shape: `b channels *space` → `b channels + extra *space // stride` (rounded up).
    """

    def __init__(self, stride: int, extra: int):
        super().__init__()
        self.stride, self.extra = stride, extra

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c2 *space2"]:
        """Drop positions, then pad channels on both sides."""
        spatial = x.ndim - 2
        before = self.extra // 2
        kept = x[(slice(None), slice(None), *[slice(None, None, self.stride)] * spatial)]
        return F.pad(kept, (0, 0) * spatial + (before, self.extra - before))

    def extra_repr(self) -> str:
        """Show stride and padded channels in `print(net)`."""
        return f"stride={self.stride}, extra={self.extra}"


def option_a(channels: int, out: int, stride: int, dims: int) -> nn.Module:
    """Shortcut without parameters: identity, or subsample and pad with zero channels."""
    if channels == out and stride == 1:
        return nn.Identity()
    return Subsample(stride, out - channels)


def option_b(channels: int, out: int, stride: int, dims: int) -> nn.Module:
    """Shortcut with a normed 1x1 convolution where the shape changes, identity elsewhere."""
    if channels == out and stride == 1:
        return nn.Identity()
    return NormedConv(channels, out, 1, stride=stride, dims=dims, act=nn.Identity)


class Basic(nn.Module):
    """Two 3x3 convolutions and a shortcut (He 2015, Fig. 5 left).

    Shape: `b channels *space` → `b width *space // stride`.
    """

    expansion = 1

    def __init__(
        self, channels: int, width: int, *, stride: int = 1, shortcut: Shortcut = option_a, dims: int = 2
    ):
        super().__init__()
        self.first = NormedConv(channels, width, stride=stride, dims=dims)
        self.second = NormedConv(width, width, dims=dims, act=nn.Identity)
        self.shortcut = shortcut(channels, width, stride, dims)
        self.act = nn.ReLU()

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c2 *space2"]:
        """Rectify the sum of branch and shortcut."""
        return self.act(self.second(self.first(x)) + self.shortcut(x))


class Bottleneck(nn.Module):
    """1x1 to `width`, 3x3, 1x1 to four times `width`, and a shortcut (He 2015, Fig. 5 right).

    The stride sits on the 3x3. Shape: `b channels *space` → `b 4*width *space // stride`.
    """

    expansion = 4

    def __init__(
        self, channels: int, width: int, *, stride: int = 1, shortcut: Shortcut = option_a, dims: int = 2
    ):
        super().__init__()
        out = width * self.expansion
        self.reduce = NormedConv(channels, width, 1, dims=dims)
        self.spatial = NormedConv(width, width, stride=stride, dims=dims)
        self.expand = NormedConv(width, out, 1, dims=dims, act=nn.Identity)
        self.shortcut = shortcut(channels, out, stride, dims)
        self.act = nn.ReLU()

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c2 *space2"]:
        """Rectify the sum of branch and shortcut."""
        y = self.expand(self.spatial(self.reduce(x)))
        return self.act(y + self.shortcut(x))


class Plain(nn.Sequential):
    """`Basic` without its shortcut: what a residual network is compared with.

    Shape: `b channels *space` → `b width *space // stride`.
    """

    expansion = 1

    def __init__(self, channels: int, width: int, *, stride: int = 1, dims: int = 2):
        super().__init__(
            NormedConv(channels, width, stride=stride, dims=dims), NormedConv(width, width, dims=dims)
        )
