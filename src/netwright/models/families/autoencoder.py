"""Encoders, decoders and autoencoders by pattern 4,2,1 (Hinton & Salakhutdinov 2006).

The step to the latent map and the step from it have the pattern 2,2,0: at a single position, three quarters
of the taps of 4,2,1 would lie on padding.
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from netwright.blocks.conv import Double, Halve, NormedConv
from netwright.blocks.norm import none
from netwright.blocks.residual import Basic, Residual, option_b
from netwright.errors import UsageError
from netwright.models.registry import Entry, register


class Steps(NamedTuple):
    """How a map is halved and how it is doubled.

    The two functions are called as `down(channels, out, dims=…)` and `up(channels, out, kernel=…, dims=…)`.
    """

    down: Callable[..., nn.Module]
    up: Callable[..., nn.Module]


def residual_double(channels: int, out: int, *, kernel: int = 4, dims: int = 2) -> nn.Module:
    """Build a doubling of the map, to which the output of two convolutions is added."""
    branch = nn.Sequential(NormedConv(out, out, dims=dims), NormedConv(out, out, dims=dims, act=nn.Identity))
    return nn.Sequential(Double(channels, out, kernel=kernel, dims=dims), Residual(branch), nn.ReLU())


PLAIN_STEPS = Steps(Halve, Double)
RESIDUAL_STEPS = Steps(partial(Basic, stride=2, shortcut=option_b), residual_double)


def encoder(
    *,
    width: int = 32,
    depth: int = 5,
    latent: int = 1024,
    steps: Steps = PLAIN_STEPS,
    dims: int = 2,
    channels: int = 3,
) -> nn.Module:
    """Halve the map `depth` times; the last step gives `latent` channels without norm or activation.

    An input of 3x32x32 becomes 1024x1x1. It need not be square: 3x32x64 becomes 1024x1x2.

    Args:
        width: channels after the first halving; they double at each further one.
        depth: number of halvings; every side of the input must be a multiple of 2^depth.
        latent: channels of the result.
        steps: `PLAIN_STEPS` or `RESIDUAL_STEPS`.
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the input.
    """
    widths = [channels, *(width * 2**level for level in range(depth - 1))]
    inner = [steps.down(a, b, dims=dims) for a, b in pairwise(widths)]
    last = Halve(widths[-1], latent, kernel=2, dims=dims, norm=none, act=nn.Identity)
    return nn.Sequential(*inner, last)


def decoder(
    *,
    width: int = 32,
    depth: int = 5,
    latent: int = 1024,
    steps: Steps = PLAIN_STEPS,
    dims: int = 2,
    channels: int = 3,
) -> nn.Module:
    """Double the map `depth` times: the mirror of `encoder`, with a linear output.

    Args:
        width: channels before the last doubling.
        depth: number of doublings.
        latent: channels of the input.
        steps: `PLAIN_STEPS` or `RESIDUAL_STEPS`.
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the result.
    """
    widths = [latent, *(width * 2**level for level in reversed(range(depth - 1)))]
    kernels = [2, *(4 for _ in range(depth - 1))]
    pairs = zip(pairwise(widths), kernels, strict=False)
    inner = [steps.up(a, b, kernel=kernel, dims=dims) for (a, b), kernel in pairs]
    last = Double(widths[-1], channels, kernel=kernels[-1], dims=dims, norm=none, act=nn.Identity)
    return nn.Sequential(*inner, last)


class Autoencoder(nn.Module):
    """An encoder and its mirror.

    Shape: `b channels *space` → the same.

    Raises:
        UsageError: a side is not a multiple of 2^depth, so the result would be smaller than the input.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, factor: int):
        super().__init__()
        self.encoder, self.decoder, self.factor = encoder, decoder, factor

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c *space"]:
        """Encode, then decode."""
        if any(side % self.factor for side in x.shape[2:]):
            near = "x".join(str(side + -side % self.factor) for side in x.shape[2:])
            raise UsageError(
                f"every side of {tuple(x.shape[2:])} must be a multiple of {self.factor}; pad to {near}."
            )
        return self.decoder(self.encoder(x))


def autoencoder(
    *,
    width: int = 32,
    depth: int = 5,
    latent: int = 1024,
    steps: Steps = PLAIN_STEPS,
    dims: int = 2,
    channels: int = 3,
) -> nn.Module:
    """Build `encoder` followed by `decoder`, which have the same arguments."""
    parts = {"width": width, "depth": depth, "latent": latent}
    inner = encoder(**parts, steps=steps, dims=dims, channels=channels)
    outer = decoder(**parts, steps=steps, dims=dims, channels=channels)
    return Autoencoder(inner, outer, 2**depth)


_PARTS = {"steps": {"plain": PLAIN_STEPS, "residual": RESIDUAL_STEPS}}
_INPUTS: dict[Callable[..., nn.Module], tuple[int, ...]] = {
    encoder: (3, 32, 32),
    decoder: (1024, 1, 1),
    autoencoder: (3, 32, 32),
}
for _build, _input in _INPUTS.items():
    register(Entry(_build.__name__, _build, _input, parts=_PARTS))
    register(Entry(f"residual_{_build.__name__}", _build, _input, {"steps": "residual"}, _PARTS))
