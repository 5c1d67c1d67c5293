"""Residual blocks with norm and activation before each convolution (He et al. 2016, "Identity Mappings")."""

from typing import Unpack

from jaxtyping import Float
from torch import Tensor, nn

from netwright.blocks.conv import PreConv, convolution
from netwright.blocks.norm import Norm, batch
from netwright.blocks.residual import Spatial


class PreActivation(nn.Module):
    """Add what a branch computes from the normed and rectified input to the input itself.

    If the shape changes, the shortcut is a bare 1x1 convolution of the normed and rectified input, as in
    the authors' code. Shape: `b channels *space` → `b out *space / stride` (rounded up).
    """

    def __init__(self, channels: int, out: int, branch: nn.Module, *, stride: int, dims: int, norm: Norm):
        super().__init__()
        self.pre = nn.Sequential(norm(channels, dims), nn.ReLU())
        self.branch = branch
        self.keeps = channels == out and stride == 1
        self.shortcut = (
            nn.Identity()
            if self.keeps
            else convolution(channels, out, 1, stride=stride, dims=dims, bias=False)
        )

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c2 *space2"]:
        """Leave the identity path without norm and activation."""
        y = self.pre(x)
        return self.branch(y) + (x if self.keeps else self.shortcut(y))


class PreBasic(PreActivation):
    """Two pre-activated 3x3 convolutions (He et al. 2016, Fig. 4e).

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
        dims: int = 2,
        norm: Norm = batch,
        **spatial: Unpack[Spatial],
    ):
        first = convolution(channels, out, stride=stride, dims=dims, bias=False, **spatial)
        second = PreConv(out, out, dims=dims, norm=norm, **spatial)
        super().__init__(channels, out, nn.Sequential(first, second), stride=stride, dims=dims, norm=norm)


class PreBottleneck(PreActivation):
    """Pre-activated convolutions: 1x1 to a quarter of `out`, 3x3 with the stride, 1x1 to `out`.

    Shape: `b channels *space` → `b out *space / stride` (rounded up).
    """

    convolutions = 3
    expansion = 4

    def __init__(
        self,
        channels: int,
        out: int,
        *,
        stride: int = 1,
        dims: int = 2,
        norm: Norm = batch,
        **spatial: Unpack[Spatial],
    ):
        width = out // self.expansion
        branch = nn.Sequential(
            convolution(channels, width, 1, dims=dims, bias=False),
            PreConv(width, width, stride=stride, dims=dims, norm=norm, **spatial),
            PreConv(width, out, 1, dims=dims, norm=norm),
        )
        super().__init__(channels, out, branch, stride=stride, dims=dims, norm=norm)


class Wide(PreActivation):
    """`PreBasic` with dropout between its convolutions (Zagoruyko & Komodakis 2016, Fig. 1d).

    Shape: `b channels *space` → `b out *space / stride` (rounded up).
    """

    convolutions = 2
    expansion = 1

    def __init__(self, channels: int, out: int, *, stride: int = 1, dims: int = 2, dropout: float = 0.0):
        branch = nn.Sequential(
            convolution(channels, out, stride=stride, dims=dims, bias=False),
            batch(out, dims),
            nn.ReLU(),
            nn.Dropout(dropout),
            convolution(out, out, dims=dims, bias=False),
        )
        super().__init__(channels, out, branch, stride=stride, dims=dims, norm=batch)
