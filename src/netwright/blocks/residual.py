"""Residual blocks, their shortcuts, and stages of blocks (He, Zhang, Ren & Sun 2015)."""

from collections.abc import Callable, Sequence
from typing import TypedDict, Unpack

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.blocks.conv import NormedConv
from netwright.blocks.norm import Norm, batch
from netwright.errors import UsageError

Shortcut = Callable[[int, int, int, int, Norm], nn.Module]


class Spatial(TypedDict, total=False):
    """Further options of the 3x3 convolutions of a block."""

    dilation: int
    groups: int


class Subsample(nn.Module):
    """Shortcut A: keep every `stride`-th position and fill new channels with zeros; there are no parameters.

    Shape: `b channels *space` → `b channels + extra *space / stride` (rounded up).
    """

    def __init__(self, stride: int, extra: int):
        super().__init__()
        self.stride, self.extra = stride, extra

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c2 *space2"]:
        """Drop positions, then add channels of zeros on both sides."""
        spatial = x.ndim - 2
        before = self.extra // 2
        kept = x[(slice(None), slice(None), *[slice(None, None, self.stride)] * spatial)]
        return F.pad(kept, (0, 0) * spatial + (before, self.extra - before))

    def extra_repr(self) -> str:
        """Show the stride and the added channels in `print(net)`."""
        return f"stride={self.stride}, extra={self.extra}"


def option_a(channels: int, out: int, stride: int, dims: int, norm: Norm = batch) -> nn.Module:
    """Return shortcut A, without parameters: the identity, or `Subsample` where the shape changes."""
    if channels == out and stride == 1:
        return nn.Identity()
    if out < channels:
        raise UsageError(
            f"shortcut A can only add channels, and `out` (={out}) is less than {channels}; use shortcut B."
        )
    return Subsample(stride, out - channels)


def option_b(channels: int, out: int, stride: int, dims: int, norm: Norm = batch) -> nn.Module:
    """Return shortcut B: the identity, or a normed 1x1 convolution where the shape changes."""
    if channels == out and stride == 1:
        return nn.Identity()
    return NormedConv(channels, out, 1, stride=stride, dims=dims, norm=norm, act=nn.Identity)


class Residual(nn.Module):
    """Compute `x + fn(x)` for any `fn` that keeps the shape (He et al. 2015, Fig. 2).

    Shape: any → the same.

    >>> Residual(nn.Linear(4, 4))(torch.zeros(2, 4)).shape
    torch.Size([2, 4])

    Raises:
        UsageError: `fn` changed the shape.
    """

    def __init__(self, fn: nn.Module):
        super().__init__()
        self.fn = fn

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Add the output of `fn` to the input."""
        y = self.fn(x)
        if y.shape != x.shape:
            raise UsageError(
                f"the branch of a residual must keep the shape, but {type(self.fn).__name__} turns "
                f"{tuple(x.shape)} into {tuple(y.shape)}; pad its convolutions, or use a block with a "
                "shortcut."
            )
        return x + y


class StochasticDepth(nn.Module):
    """Drop a whole branch for an example with probability `p` during training (Huang et al. 2016).

    Other examples are scaled by 1 / (1 - p), so evaluation needs no correction. Put it last in a branch:
    `Residual(nn.Sequential(fn, StochasticDepth(0.2)))`. Shape: any → the same.
    """

    def __init__(self, p: float):
        super().__init__()
        if not 0 <= p < 1:
            raise UsageError(
                f"`p` (={p}) is the probability of dropping a branch; it must be at least 0 and below 1."
            )
        self.p = p

    def forward(self, x: Float[Tensor, "b *shape"]) -> Float[Tensor, "b *shape"]:
        """Keep or drop each example as a whole."""
        if not self.training:
            return x
        kept = torch.rand(x.shape[0], *[1] * (x.ndim - 1), device=x.device) >= self.p
        return x * kept.to(x.dtype) / (1 - self.p)

    def extra_repr(self) -> str:
        """Show the probability in `print(net)`."""
        return f"p={self.p}"


class Basic(nn.Module):
    """Two 3x3 convolutions and a shortcut (He et al. 2015, Fig. 5 left).

    Shape: `b channels *space` → `b out *space / stride` (rounded up).
    """

    convolutions = 2
    expansion = 1

    def __init__(
        self,
        channels: int,
        out: int,
        *,
        stride: int = 1,
        shortcut: Shortcut = option_a,
        dims: int = 2,
        norm: Norm = batch,
        **spatial: Unpack[Spatial],
    ):
        super().__init__()
        self.first = NormedConv(channels, out, stride=stride, dims=dims, norm=norm, **spatial)
        self.second = NormedConv(out, out, dims=dims, act=nn.Identity, norm=norm, **spatial)
        self.shortcut = shortcut(channels, out, stride, dims, norm)
        self.act = nn.ReLU()

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c2 *space2"]:
        """Rectify the sum of branch and shortcut."""
        return self.act(self.second(self.first(x)) + self.shortcut(x))


class Bottleneck(nn.Module):
    """A 1x1 to a quarter of `out` channels, 3x3, 1x1 to `out`, and a shortcut (He et al. 2015, Fig. 5 right).

    The 3x3 has the stride, as in every current implementation; `OriginalBottleneck` has it where the paper
    has it. Shape: `b channels *space` → `b out *space / stride` (rounded up).
    """

    convolutions = 3
    expansion = 4
    early = False

    def __init__(
        self,
        channels: int,
        out: int,
        *,
        stride: int = 1,
        shortcut: Shortcut = option_a,
        dims: int = 2,
        norm: Norm = batch,
        **spatial: Unpack[Spatial],
    ):
        super().__init__()
        width = out // self.expansion
        first, second = (stride, 1) if self.early else (1, stride)
        self.reduce = NormedConv(channels, width, 1, stride=first, dims=dims, norm=norm)
        self.spatial = NormedConv(width, width, stride=second, dims=dims, norm=norm, **spatial)
        self.expand = NormedConv(width, out, 1, dims=dims, act=nn.Identity, norm=norm)
        self.shortcut = shortcut(channels, out, stride, dims, norm)
        self.act = nn.ReLU()

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c2 *space2"]:
        """Rectify the sum of branch and shortcut."""
        y = self.expand(self.spatial(self.reduce(x)))
        return self.act(y + self.shortcut(x))


class OriginalBottleneck(Bottleneck):
    """`Bottleneck` with the stride on its first 1x1, as published (He et al. 2015, Fig. 5 right).

    Shape: `b channels *space` → `b out *space / stride` (rounded up).
    """

    early = True


class Plain(nn.Sequential):
    """`Basic` without its shortcut, as residual networks are compared with (He et al. 2015, Fig. 3).

    Shape: `b channels *space` → `b out *space / stride` (rounded up).
    """

    def __init__(self, channels: int, out: int, *, stride: int = 1, dims: int = 2):
        super().__init__(NormedConv(channels, out, stride=stride, dims=dims), NormedConv(out, out, dims=dims))


def stages(
    channels: int,
    widths: Sequence[int],
    counts: Sequence[int],
    block: Callable[..., nn.Module],
    *,
    first_stride: int = 1,
) -> nn.Sequential:
    """Build stages of blocks: `counts[i]` blocks of `widths[i]` channels; every later stage halves the map.

    Args:
        channels: of the input.
        widths: outputs of the blocks of each stage.
        counts: blocks of each stage.
        block: called as `block(channels, out, stride=…)`.
        first_stride: of the first stage.
    """
    built = []
    for stage, (width, count) in enumerate(zip(widths, counts, strict=True)):
        blocks = []
        for index in range(count):
            stride = 1 if index else first_stride if stage == 0 else 2
            blocks.append(block(channels, width, stride=stride))
            channels = width
        built.append(nn.Sequential(*blocks))
    return nn.Sequential(*built)
