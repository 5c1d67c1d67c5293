"""Pre-activation residual networks (He, Zhang, Ren & Sun 2016)."""

from collections.abc import Callable, Sequence
from functools import partial

from torch import nn

from netwright.blocks.conv import convolution
from netwright.blocks.initialise import he
from netwright.blocks.norm import batch
from netwright.blocks.preactivation import PreBasic, PreBottleneck
from netwright.blocks.residual import stages
from netwright.models.families.imagenet_resnet import photo_stem
from netwright.models.families.resnet import StagedClassifier, blocks_per_stage
from netwright.models.registry import Entry, register


def preactivated(
    stem: nn.Module,
    channels: int,
    widths: Sequence[int],
    counts: Sequence[int],
    block: Callable[..., nn.Module],
    *,
    dims: int,
    classes: int,
) -> nn.Module:
    """Build stages whose last sum is normed and rectified, which no block does itself."""
    body = stages(channels, widths, counts, partial(block, dims=dims))
    last = nn.Sequential(batch(widths[-1], dims), nn.ReLU())
    return he(StagedClassifier(stem, nn.Sequential(*body, last), widths[-1], dims=dims, classes=classes))


def preresnet(
    depth: int,
    *,
    block: type[PreBasic] | type[PreBottleneck] = PreBottleneck,
    width: int = 16,
    dims: int = 2,
    channels: int = 3,
    classes: int = 10,
) -> nn.Module:
    """Build a pre-activation network of `depth` layers for small images: 9n + 2, or 6n + 2 with basic blocks.

    The network of 164 layers has 1,703,258 parameters, that of 1001 layers 10,327,706.

    Args:
        depth: number of weighted layers on the longest path, without shortcuts.
        block: `PreBottleneck` as published for 164 and 1001 layers, or `PreBasic`.
        width: channels of the stem; the stages have 1, 2 and 4 times as many (4 times that with bottlenecks).
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the input.
        classes: number of outputs.
    """
    widths = [width * scale * block.expansion for scale in (1, 2, 4)]
    counts = [blocks_per_stage(depth, block.convolutions)] * 3
    stem = convolution(channels, width, dims=dims, bias=False)
    return preactivated(stem, width, widths, counts, block, dims=dims, classes=classes)


def preresnet200(*, width: int = 64, dims: int = 2, channels: int = 3, classes: int = 1000) -> nn.Module:
    """Build ResNet-200 for photographs (64,666,280 parameters), with stages of 3, 24, 36 and 3 bottlenecks.

    Args:
        width: channels of the stem.
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the input.
        classes: number of outputs.
    """
    widths = [width * scale * PreBottleneck.expansion for scale in (1, 2, 4, 8)]
    stem = photo_stem(channels, width, dims)
    return preactivated(stem, width, widths, (3, 24, 36, 3), PreBottleneck, dims=dims, classes=classes)


_PARTS = {"block": {"basic": PreBasic, "bottleneck": PreBottleneck}}
register(Entry("preresnet", preresnet, (3, 32, 32), parts=_PARTS))
register(Entry("preresnet110", preresnet, (3, 32, 32), {"depth": 110, "block": "basic"}, _PARTS))
for _depth in (164, 1001):
    register(Entry(f"preresnet{_depth}", preresnet, (3, 32, 32), {"depth": _depth}, _PARTS))
register(Entry("preresnet200", preresnet200, (3, 224, 224)))
