"""The hourglass: down to the smallest map and up again, a skip at every size (Newell et al. 2016, Fig. 3)."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.blocks.pooling import maximum
from netwright.blocks.preactivation import PreBottleneck
from netwright.errors import UsageError


class HalfBottleneck(PreBottleneck):
    """The hourglass's residual: a pre-activated bottleneck to half of `out` (Newell 2016, Fig. 4 left).

    Shape: `b channels *space` → `b out *space / stride` (rounded up).
    """

    expansion = 2


class Hourglass(nn.Module):
    """`depth` times halved, `depth` times doubled; each size keeps a branch of its own that is added.

    A map that a halving cannot divide is met again at its own size. Shape: `b channels *space` → the same;
    every side at least 2^depth.
    """

    def __init__(
        self,
        channels: int,
        depth: int = 4,
        *,
        dims: int = 2,
        block: Callable[..., nn.Module] = HalfBottleneck,
    ):
        super().__init__()
        self.depth = depth
        self.skip = block(channels, channels, dims=dims)
        self.pool = maximum(channels, 2, dims)
        self.down = block(channels, channels, dims=dims)
        self.inner = (
            Hourglass(channels, depth - 1, dims=dims, block=block)
            if depth > 1
            else block(channels, channels, dims=dims)
        )
        self.up = block(channels, channels, dims=dims)

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c *space"]:
        """The figure: a branch beside, a smaller hourglass inside."""
        if min(x.shape[2:]) < 2:
            raise UsageError(f"a map of {tuple(x.shape[2:])} cannot be halved; take a lower `depth`.")
        y = self.up(self.inner(self.down(self.pool(x))))
        return self.skip(x) + F.interpolate(y, size=x.shape[2:], mode="nearest")
