"""Vision transformers (Dosovitskiy et al. 2021, Fig. 1; sizes of Touvron et al. 2021)."""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from netwright.blocks.attention import SelfAttention
from netwright.blocks.residual import Residual
from netwright.errors import UsageError
from netwright.models.registry import Entry, register


class TransformerLayer(nn.Sequential):
    """Attention, then a perceptron; each is applied after a norm and added to its input (Fig. 1 right).

    Shape: `b length width` → the same.
    """

    def __init__(self, width: int, heads: int):
        attention = nn.Sequential(nn.LayerNorm(width, eps=1e-6), SelfAttention(width, heads))
        perceptron = nn.Sequential(
            nn.LayerNorm(width, eps=1e-6), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        super().__init__(Residual(attention), Residual(perceptron))


class ViT(nn.Module):
    """Patches as tokens, a class token, learnt positions, transformer layers, and a linear head.

    Shape: `b channels size size` → `b classes`.
    """

    def __init__(self, patches: nn.Module, count: int, layers: nn.Module, *, width: int, classes: int):
        super().__init__()
        self.patches = patches
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(nn.init.normal_(torch.empty(1, 1 + count, width), std=0.02))
        self.layers = layers
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b classes"]:
        """Classify by the class token after the last layer."""
        tokens = rearrange(self.patches(x), "b c h w -> b (h w) c")
        tokens = torch.cat([self.token.expand(x.shape[0], -1, -1), tokens], 1) + self.positions
        return self.head(self.norm(self.layers(tokens))[:, 0])


def vit(
    *,
    size: int = 224,
    patch: int = 16,
    width: int = 192,
    depth: int = 12,
    heads: int = 3,
    channels: int = 3,
    classes: int = 1000,
) -> nn.Module:
    """Build a vision transformer (width 192, 3 heads: 5,717,416 parameters; 384, 6: 22,050,664).

    Args:
        size: height and width of the input.
        patch: height and width of a patch; it must divide `size`.
        width: features of a patch, a multiple of `heads`.
        depth: number of transformer layers.
        heads: number of heads of each attention.
        channels: channels of the input.
        classes: number of outputs.
    """
    if size % patch:
        raise UsageError(
            f"`size` (={size}) must be a multiple of `patch` (={patch}); pad to {size + -size % patch}."
        )
    patches = nn.Conv2d(channels, width, patch, stride=patch)
    layers = nn.Sequential(*[TransformerLayer(width, heads) for _ in range(depth)])
    return ViT(patches, (size // patch) ** 2, layers, width=width, classes=classes)


_SMALL = {"size": 32, "patch": 4, "depth": 6, "classes": 10}
register(Entry("vit_tiny", vit, (3, 224, 224)))
register(Entry("vit_small", vit, (3, 224, 224), {"width": 384, "heads": 6}))
register(Entry("vit_cifar", vit, (3, 32, 32), _SMALL))
