"""Plain and residual networks for small images (He, Zhang, Ren & Sun 2015, section 4.2)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from netwright.blocks.conv import NormedConv
from netwright.blocks.initialise import he
from netwright.blocks.residual import Basic, Bottleneck, Plain, Shortcut, option_a, option_b
from netwright.errors import UsageError
from netwright.models.registry import Entry, register


class Stages(nn.Module):
    """A stem, stages that halve the map and double the width, global average pooling, a linear head.

    Shape: `b channels height width` → `b classes`.
    """

    def __init__(
        self,
        counts: Sequence[int],
        *,
        block: Callable[..., Any],
        expansion: int,
        width: int,
        channels: int,
        classes: int,
    ):
        super().__init__()
        self.stem = NormedConv(channels, width)
        stages, inside = [], width
        for stage, count in enumerate(counts):
            blocks = []
            for index in range(count):
                stride = 2 if stage > 0 and index == 0 else 1
                blocks.append(block(inside, width * 2**stage, stride=stride))
                inside = width * 2**stage * expansion
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.Sequential(*stages)
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(inside, classes)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b classes"]:
        """Stem, stages, pool, head."""
        return self.head(self.pool(self.stages(self.stem(x))))


def _blocks_per_stage(depth: int, convolutions: int) -> int:
    """How many blocks of `convolutions` layers each of three stages has; depth counts weighted layers."""
    step = 3 * convolutions
    if depth < step + 2 or (depth - 2) % step:
        lower = max(step + 2, depth - (depth - 2) % step)
        raise UsageError(
            f"`depth` (={depth}) must be {step}n + 2; the nearest are {lower} and {lower + step}."
        )
    return (depth - 2) // step


def plain(depth: int, *, width: int = 16, channels: int = 3, classes: int = 10) -> nn.Module:
    """Plain network of `depth` weighted layers (6n + 2): the residual network without its shortcuts.

    Parameters and MACs equal those of `resnet(depth)` with option A shortcuts.
    """
    counts = [_blocks_per_stage(depth, 2)] * 3
    return he(Stages(counts, block=Plain, expansion=1, width=width, channels=channels, classes=classes))


def resnet(
    depth: int,
    *,
    block: type[Basic] | type[Bottleneck] = Basic,
    shortcut: Shortcut = option_a,
    width: int = 16,
    channels: int = 3,
    classes: int = 10,
) -> nn.Module:
    """Residual network for small images of `depth` weighted layers: 6n + 2, or 9n + 2 with bottlenecks.

    Args:
        depth: weighted layers on the longest path, without shortcuts.
        block: `Basic` or `Bottleneck`.
        shortcut: `option_a` (no parameters) or `option_b` (1x1 convolution where the shape changes).
        width: channels of the first stage; doubles at each of the next two.
        channels: of the input.
        classes: outputs of the head.
    """
    counts = [_blocks_per_stage(depth, 2 if block is Basic else 3)] * 3
    build = partial(block, shortcut=shortcut)
    return he(
        Stages(
            counts, block=build, expansion=block.expansion, width=width, channels=channels, classes=classes
        )
    )


_INPUT = (3, 32, 32)
_PARTS: dict[str, dict[str, Any]] = {
    "block": {"basic": Basic, "bottleneck": Bottleneck},
    "shortcut": {"A": option_a, "B": option_b},
}

register(Entry("plain", plain, _INPUT))
for _depth in (20, 32, 44, 56, 110):
    register(Entry(f"plain{_depth}", plain, _INPUT, {"depth": _depth}))
register(Entry("resnet", resnet, _INPUT, parts=_PARTS))
for _depth in (20, 32, 44, 56, 110, 1202):
    register(Entry(f"resnet{_depth}", resnet, _INPUT, {"depth": _depth}, _PARTS))
for _depth in (29, 56, 110, 164):
    register(Entry(f"bottleneck{_depth}", resnet, _INPUT, {"depth": _depth, "block": "bottleneck"}, _PARTS))
