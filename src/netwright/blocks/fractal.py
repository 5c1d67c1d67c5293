"""FracTAL: attention by similarity of sets, and its residual unit (Diakogiannis, Waldner & Caccetta 2020)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from netwright.blocks.conv import NormedConv, PreConv
from netwright.blocks.norm import Norm, batch

Map = Float[Tensor, "b c *space"]
SMOOTH = 1e-5
"""The s of eq. 6, which keeps the quotient finite where both sets are empty."""


def tanimoto(p: Map, t: Map, axes: tuple[int, ...], *, depth: int = 5) -> Map:
    """Return the fractal Tanimoto similarity over `axes`, which stay as axes of size 1 (eq. 6).

    T(p, t) = 1/D Σ_{d<D} (pt + s) / (2^d (pp + tt) - (2^(d+1) - 1) pt + s), in [0, 1] for p and t in [0, 1].

    >>> x = torch.rand(1, 3, 4)
    >>> tanimoto(x, x, (1,)).allclose(torch.ones(1, 1, 4))
    True
    """
    both = (p * t).sum(axes, keepdim=True)
    each = (p * p).sum(axes, keepdim=True) + (t * t).sum(axes, keepdim=True)
    scale = 2 ** torch.arange(depth, device=p.device, dtype=p.dtype).view(-1, *[1] * p.ndim)
    return ((both + SMOOTH) / (scale * each - (2 * scale - 1) * both + SMOOTH)).mean(0)


def similarity(p: Map, t: Map, axes: tuple[int, ...], *, depth: int = 5) -> Map:
    """Return the fractal Tanimoto with complement: the mean of T(p, t) and T(1 - p, 1 - t) (eq. 7)."""
    return (tanimoto(p, t, axes, depth=depth) + tanimoto(1 - p, 1 - t, axes, depth=depth)) / 2


class FractalAttention(nn.Module):
    """Weigh a map by how similar its queries and keys are, at each position and in each channel (Fig. 3).

    `depth` is the depth of the similarity, and `groups` is used by the three convolutions (the authors call
    them heads). Shape: `b channels *space` → the same.
    """

    def __init__(self, channels: int, *, depth: int = 5, groups: int = 1, dims: int = 2, norm: Norm = batch):
        super().__init__()
        self.query, self.key, self.value = (
            NormedConv(channels, channels, dims=dims, norm=norm, act=nn.Sigmoid, groups=groups)
            for _ in range(3)
        )
        self.norm = norm(channels, dims)
        self.depth = depth

    def forward(self, x: Map) -> Map:
        """Weigh positions by the similarity over channels, and channels by the similarity over space."""
        query, key, value = self.query(x), self.key(x), self.value(x)
        where = similarity(query, key, (1,), depth=self.depth)
        what = similarity(query, key, tuple(range(2, x.ndim)), depth=self.depth)
        return self.norm((where * value + what * value) / 2)


class FractalUnit(nn.Module):
    """A pre-activated residual unit whose branch and sum are both weighed by attention (Fig. 4).

    `gamma` starts at zero, so the unit starts as an ordinary residual unit.
    Shape: `b channels *space` → the same.
    """

    def __init__(self, channels: int, *, depth: int = 5, groups: int = 1, dims: int = 2, norm: Norm = batch):
        super().__init__()
        self.branch = nn.Sequential(
            PreConv(channels, channels, dims=dims, norm=norm),
            PreConv(channels, channels, dims=dims, norm=norm),
        )
        self.inner = FractalAttention(channels, depth=depth, groups=groups, dims=dims, norm=norm)
        self.outer = FractalAttention(channels, depth=depth, groups=groups, dims=dims, norm=norm)
        self.gamma = nn.Parameter(torch.zeros(2))

    def forward(self, x: Map) -> Map:
        """Compute y = f(x)(1 + γ₁ att₁(f(x))), then (x + y)(1 + γ₂ att₂(x))."""
        f = self.branch(x)
        y = f * (1 + self.gamma[0] * self.inner(f))
        return (x + y) * (1 + self.gamma[1] * self.outer(x))
