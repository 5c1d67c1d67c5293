"""The hourglass: down to a small map and up again, with a skip at every size (Newell et al. 2016, Fig. 3)."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.blocks.pooling import maximum
from netwright.blocks.preactivation import PreBottleneck
from netwright.errors import UsageError


class HalfBottleneck(PreBottleneck):
    """A pre-activated bottleneck to half of `out` channels, as hourglasses use it (Newell 2016, Fig. 4 left).

    Shape: `b channels *space` → `b out *space / stride` (rounded up).
    """

    expansion = 2


class Hourglass(nn.Module):
    """Halve the map `depth` times and double it as often; a branch at each size is added on the way up.

    On the way up every map gets the size that it had on the way down, also where halving rounded. Shape:
    `b channels *space` → the same; every side must be at least 2^depth.
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
        """Add the branch at this size and what a smaller hourglass returns."""
        if min(x.shape[2:]) < 2:
            raise UsageError(f"a map of {tuple(x.shape[2:])} cannot be halved; take a lower `depth`.")
        y = self.up(self.inner(self.down(self.pool(x))))
        return self.skip(x) + F.interpolate(y, size=x.shape[2:], mode="nearest")
