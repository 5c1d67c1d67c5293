"""Attention on sequences and on feature maps."""

from einops import rearrange
from einops.layers.torch import Rearrange, Reduce
from jaxtyping import Float
from torch import Tensor, nn, zeros
from torch.nn import functional as F

from netwright.blocks.conv import convolution
from netwright.errors import UsageError


def attend(
    query: Float[Tensor, "*b n c"], key: Float[Tensor, "*b m c"], value: Float[Tensor, "*b m d"]
) -> Float[Tensor, "*b n d"]:
    """Scaled dot-product attention: softmax(q kᵀ / √c) v (Vaswani et al. 2017, eq. 1).

    >>> import torch
    >>> attend(torch.zeros(1, 2), torch.zeros(2, 2), torch.tensor([[0.0], [4.0]]))
    tensor([[2.]])
    """
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    return scores.softmax(-1) @ value


class SelfAttention(nn.Module):
    """Multi-head self-attention (Vaswani et al. 2017, Fig. 2).

    Shape: `b length channels` → the same.
    """

    def __init__(self, channels: int, heads: int = 8):
        super().__init__()
        if channels % heads:
            raise UsageError(
                f"`channels` (={channels}) must be a multiple of `heads` (={heads}); "
                f"take {channels + -channels % heads} channels."
            )
        self.project = nn.Linear(channels, 3 * channels)
        self.split = Rearrange("b n (qkv heads c) -> qkv b heads n c", qkv=3, heads=heads)
        self.join = Rearrange("b heads n c -> b n (heads c)")
        self.out = nn.Linear(channels, channels)

    def forward(self, x: Float[Tensor, "b n c"]) -> Float[Tensor, "b n c"]:
        """Let each head attend on its own; torch's kernel computes what `attend` defines."""
        query, key, value = self.split(self.project(x))
        return self.out(self.join(F.scaled_dot_product_attention(query, key, value)))


class PositionAttention(nn.Module):
    """Let every position of a map attend to every other one (Fu et al. 2019, Fig. 3A; Wang et al. 2018).

    The block starts as the identity, because the learnt scale `gamma` is 0. Its memory grows with the square
    of the number of positions. Shape: `b channels *space` → the same.
    """

    def __init__(self, channels: int, *, reduction: int = 8, dims: int = 2):
        super().__init__()
        inside = max(1, channels // reduction)
        self.query = convolution(channels, inside, 1, dims=dims)
        self.key = convolution(channels, inside, 1, dims=dims)
        self.value = convolution(channels, channels, 1, dims=dims)
        self.gamma = nn.Parameter(zeros(1))

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c *space"]:
        """Attend over positions, whose features are the channels; the scores are not scaled, as published."""
        query, key, value = self.query(x).flatten(2), self.key(x).flatten(2), self.value(x).flatten(2)
        seen = value @ (query.transpose(1, 2) @ key).softmax(-1).transpose(1, 2)
        return x + self.gamma * seen.view_as(x)


class ChannelAttention(nn.Module):
    """Let every channel of a map attend to every other one (Fu et al. 2019, Fig. 3B).

    Its only weight is the scale `gamma`, which starts at 0, so the block starts as the identity.
    Shape: `b channels *space` → the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gamma = nn.Parameter(zeros(1))

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c *space"]:
        """Attend over channels, whose features are the positions."""
        flat = rearrange(x, "b c ... -> b c (...)")
        seen = (flat @ flat.transpose(1, 2)).softmax(-1) @ flat
        return x + self.gamma * seen.view_as(x)


class SqueezeExcite(nn.Module):
    """Scale each channel by a weight that is computed from the whole map (Hu et al. 2018, Fig. 3).

    Shape: `b channels *space` → the same.
    """

    def __init__(self, channels: int, *, reduction: int = 16):
        super().__init__()
        inside = max(1, channels // reduction)
        self.squeeze = Reduce("b c ... -> b c", "mean")
        self.excite = nn.Sequential(
            nn.Linear(channels, inside), nn.ReLU(), nn.Linear(inside, channels), nn.Sigmoid()
        )

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c *space"]:
        """Compute one weight for each channel and multiply by it."""
        weights = self.excite(self.squeeze(x))
        return x * weights.view(*weights.shape, *[1] * (x.ndim - 2))
