"""Residual networks for photographs (He, Zhang, Ren & Sun 2015, table 1)."""

from functools import partial

from torch import nn

from netwright.blocks.conv import NormedConv
from netwright.blocks.initialise import he
from netwright.blocks.pooling import MAX_POOLS
from netwright.blocks.residual import Basic, Bottleneck, Shortcut, option_b, stages
from netwright.errors import UsageError
from netwright.models.families.resnet import PARTS, StagedClassifier
from netwright.models.registry import Entry, register

COUNTS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def photo_stem(channels: int, width: int, dims: int) -> nn.Module:
    """Build a 7x7 convolution with stride 2 and an overlapping pooling, which quarter each side."""
    pool = MAX_POOLS[dims](3, stride=2, padding=1)
    return nn.Sequential(NormedConv(channels, width, 7, stride=2, dims=dims), pool)


def imagenet_resnet(
    depth: int,
    *,
    block: type[Basic] | type[Bottleneck] | None = None,
    shortcut: Shortcut = option_b,
    width: int = 64,
    dims: int = 2,
    channels: int = 3,
    classes: int = 1000,
) -> nn.Module:
    """Build ResNet-18, -34, -50, -101 or -152 (50: 25,557,032 parameters).

    The 3x3 of a bottleneck has the stride, as in every current implementation (50: 4.089 G MACs); the paper's
    own is `block="original-bottleneck"` (3.858 G).

    Args:
        depth: number of weighted layers.
        block: by default `Basic` below 50 layers and `Bottleneck` from 50 layers on.
        shortcut: `option_b` as published.
        width: channels of the stem; they double at each stage but the first.
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the input.
        classes: number of outputs.
    """
    if depth not in COUNTS:
        raise UsageError(f"`depth` (={depth}) can be {', '.join(map(str, COUNTS))}.")
    if block is None:
        block = Basic if depth < 50 else Bottleneck
    widths = [width * scale * block.expansion for scale in (1, 2, 4, 8)]
    body = stages(width, widths, COUNTS[depth], partial(block, shortcut=shortcut, dims=dims))
    return he(
        StagedClassifier(photo_stem(channels, width, dims), body, widths[-1], dims=dims, classes=classes)
    )


_INPUT = (3, 224, 224)
register(Entry("imagenet_resnet", imagenet_resnet, _INPUT, parts=PARTS))
for _depth in COUNTS:
    register(Entry(f"resnet{_depth}", imagenet_resnet, _INPUT, {"depth": _depth}, PARTS))
