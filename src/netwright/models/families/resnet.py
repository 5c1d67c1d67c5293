"""Plain and residual networks for small images (He, Zhang, Ren & Sun 2015, section 4.2)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from netwright.blocks.conv import NormedConv
from netwright.blocks.initialise import he
from netwright.blocks.pooling import GlobalAverage
from netwright.blocks.residual import (
    Basic,
    Bottleneck,
    OriginalBottleneck,
    Plain,
    Shortcut,
    option_a,
    option_b,
    stages,
)
from netwright.errors import UsageError
from netwright.models.registry import Entry, register


class StagedClassifier(nn.Module):
    """A stem, stages that halve the map and double the width, global average pooling, and a linear head.

    Shape: `b channels height width` → `b classes`.
    """

    def __init__(self, stem: nn.Module, body: nn.Module, out: int, *, dims: int = 2, classes: int = 10):
        super().__init__()
        self.stem = stem
        self.stages = body
        self.pool = GlobalAverage(dims=dims)
        self.head = nn.Linear(out, classes)

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b classes"]:
        """Apply the stem, the stages, the pooling and the head."""
        return self.head(self.pool(self.stages(self.stem(x))))


def blocks_per_stage(depth: int, convolutions: int) -> int:
    """Return how many blocks of `convolutions` layers each of three stages has at a depth in weighted layers.

    >>> blocks_per_stage(56, 2), blocks_per_stage(164, 3)
    (9, 18)
    """
    step = 3 * convolutions
    if depth < step + 2 or (depth - 2) % step:
        lower = max(step + 2, depth - (depth - 2) % step)
        raise UsageError(
            f"`depth` (={depth}) must be {step}n + 2; the nearest are {lower} and {lower + step}."
        )
    return (depth - 2) // step


def _network(
    block: Callable[..., nn.Module],
    count: int,
    widths: Sequence[int],
    *,
    stem: int,
    dims: int,
    channels: int,
    classes: int,
) -> nn.Module:
    body = stages(stem, widths, [count] * len(widths), partial(block, dims=dims))
    return he(
        StagedClassifier(NormedConv(channels, stem, dims=dims), body, widths[-1], dims=dims, classes=classes)
    )


def plain(depth: int, *, width: int = 16, dims: int = 2, channels: int = 3, classes: int = 10) -> nn.Module:
    """Build a plain network of `depth` weighted layers (6n + 2): the residual network without its shortcuts.

    It has as many parameters and MACs as `resnet(depth)` with shortcuts A.
    """
    widths = [width, 2 * width, 4 * width]
    count = blocks_per_stage(depth, 2)
    return _network(Plain, count, widths, stem=width, dims=dims, channels=channels, classes=classes)


def resnet(
    depth: int,
    *,
    block: type[Basic] | type[Bottleneck] = Basic,
    shortcut: Shortcut = option_a,
    width: int = 16,
    dims: int = 2,
    channels: int = 3,
    classes: int = 10,
) -> nn.Module:
    """Build a residual network of 6n + 2 weighted layers for small images, or 9n + 2 with bottlenecks.

    Args:
        depth: number of weighted layers on the longest path, without shortcuts.
        block: `Basic` or `Bottleneck`.
        shortcut: `option_a` (no parameters) or `option_b` (a 1x1 convolution where the shape changes).
        width: channels of the first stage; they double at each of the next two.
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the input.
        classes: number of outputs.
    """
    widths = [width * scale * block.expansion for scale in (1, 2, 4)]
    count = blocks_per_stage(depth, block.convolutions)
    build = partial(block, shortcut=shortcut)
    return _network(build, count, widths, stem=width, dims=dims, channels=channels, classes=classes)


PARTS: dict[str, dict[str, Any]] = {
    "block": {"basic": Basic, "bottleneck": Bottleneck, "original-bottleneck": OriginalBottleneck},
    "shortcut": {"A": option_a, "B": option_b},
}
_INPUT = (3, 32, 32)

register(Entry("plain", plain, _INPUT))
for _depth in (20, 32, 44, 56, 110):
    register(Entry(f"plain{_depth}", plain, _INPUT, {"depth": _depth}))
register(Entry("resnet", resnet, _INPUT, parts=PARTS))
for _depth in (20, 32, 44, 56, 110, 1202):
    register(Entry(f"resnet{_depth}", resnet, _INPUT, {"depth": _depth}, PARTS))
for _depth in (29, 56, 110, 164):
    register(Entry(f"bottleneck{_depth}", resnet, _INPUT, {"depth": _depth, "block": "bottleneck"}, PARTS))
