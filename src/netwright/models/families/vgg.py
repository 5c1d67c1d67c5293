"""VGG: 3x3 convolutions and pooling only (Simonyan & Zisserman 2014, table 1)."""

from torch import nn

from netwright.blocks.conv import NormedConv
from netwright.blocks.initialise import he
from netwright.blocks.norm import NORMS, Norm, none
from netwright.blocks.pooling import maximum
from netwright.errors import UsageError
from netwright.models.registry import Entry, register

COUNTS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
"""The number of convolutions before each pooling, from columns A, B, D and E of the table."""


def vgg(
    depth: int,
    *,
    width: int = 64,
    hidden: int = 4096,
    norm: Norm = none,
    channels: int = 3,
    size: int = 224,
    classes: int = 1000,
) -> nn.Module:
    """Build VGG with 11, 13, 16 or 19 weighted layers (16: 138,357,544 parameters).

    Args:
        depth: number of weighted layers.
        width: channels of the first stage; they double up to 8 times as many.
        hidden: units of each of the two hidden linear layers.
        norm: `none` as published; `batch` is a common variant.
        channels: channels of the input.
        size: height and width of the input, a multiple of 32.
        classes: number of outputs.
    """
    if depth not in COUNTS:
        raise UsageError(f"`depth` (={depth}) can be {', '.join(map(str, COUNTS))}.")
    if size < 32 or size % 32:
        raise UsageError(f"`size` (={size}) must be a multiple of 32; pad to {max(32, size + -size % 32)}.")
    layers: list[nn.Module] = []
    inside = channels
    for count, scale in zip(COUNTS[depth], (1, 2, 4, 8, 8), strict=True):
        for _ in range(count):
            layers.append(NormedConv(inside, width * scale, norm=norm))
            inside = width * scale
        layers.append(maximum(inside, 2, 2))
    head = nn.Sequential(
        nn.Flatten(),
        *(nn.Linear(inside * (size // 32) ** 2, hidden), nn.ReLU(), nn.Dropout()),
        *(nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout()),
        nn.Linear(hidden, classes),
    )
    return he(nn.Sequential(nn.Sequential(*layers), head))


_INPUT = (3, 224, 224)
register(Entry("vgg", vgg, _INPUT, parts={"norm": NORMS}))
for _depth in COUNTS:
    register(Entry(f"vgg{_depth}", vgg, _INPUT, {"depth": _depth}, {"norm": NORMS}))
