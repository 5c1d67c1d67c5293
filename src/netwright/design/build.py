"""The layers of a solution as a `torch.nn.Module`."""

from collections import OrderedDict
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from netwright.design.layer import Layer
from netwright.design.part import Part, parts


class ResidualBlock(nn.Module):
    """Two normed convolutions and an identity shortcut (He 2015); the sum is rectified.

    Shape: `b channels *space` → the same.
    """

    def __init__(self, channels: int, rank: int, **window: Any):
        super().__init__()
        conv, norm = getattr(nn, f"Conv{rank}d"), getattr(nn, f"BatchNorm{rank}d")
        self.branch = nn.Sequential(
            conv(channels, channels, **window, bias=False),
            norm(channels),
            nn.ReLU(),
            conv(channels, channels, **window, bias=False),
            norm(channels),
        )
        self.act = nn.ReLU()

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c *space"]:
        """Return the rectified sum of the branch and the input."""
        return self.act(x + self.branch(x))


def build(chains: dict[str, tuple[Layer, ...]]) -> nn.Sequential:
    """Return one chain as a `Sequential` of modules, several as a `Sequential` of named chains."""
    built = [_chain(layers) for layers in chains.values()]
    return built[0] if len(built) == 1 else nn.Sequential(OrderedDict(zip(chains, built, strict=True)))


def _chain(layers: tuple[Layer, ...]) -> nn.Sequential:
    return nn.Sequential(*(_module(part, len(layer.kernel)) for layer in layers for part in parts(layer)))


def _module(part: Part, rank: int) -> nn.Module:
    if part.name == "ResidualBlock":
        return ResidualBlock(part.args[0], rank, **part.options)
    return getattr(nn, part.name)(*part.args, **part.options)
