"""DenseNets with bottlenecks and compression (Huang, Liu, van der Maaten & Weinberger 2017)."""

from collections.abc import Sequence

from torch import nn

from netwright.blocks.conv import convolution
from netwright.blocks.dense import DenseBlock, Transition
from netwright.blocks.initialise import he
from netwright.blocks.norm import batch
from netwright.errors import UsageError
from netwright.models.families.imagenet_resnet import photo_stem
from netwright.models.families.resnet import StagedClassifier
from netwright.models.registry import Entry, register

COUNTS = {121: (6, 12, 24, 16), 161: (6, 12, 36, 24), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32)}
"""Table 1 of the paper, and DenseNet-161 with a growth of 48 from the authors' code."""


def _network(
    stem: nn.Module, channels: int, counts: Sequence[int], growth: int, *, dims: int, classes: int
) -> nn.Module:
    layers: list[nn.Module] = []
    for index, count in enumerate(counts):
        if index:
            layers.append(Transition(channels, channels // 2, dims=dims))
            channels //= 2
        layers.append(DenseBlock(channels, count, growth, dims=dims))
        channels += count * growth
    last = nn.Sequential(batch(channels, dims), nn.ReLU())
    return he(StagedClassifier(stem, nn.Sequential(*layers, last), channels, dims=dims, classes=classes))


def densenet_bc(
    depth: int, *, growth: int = 12, dims: int = 2, channels: int = 3, classes: int = 10
) -> nn.Module:
    """Build a DenseNet-BC of 6n + 4 layers for small images (100 layers, growth 12: 769,162 parameters).

    Args:
        depth: number of weighted layers.
        growth: channels that each dense layer adds; the stem has twice as many.
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the input.
        classes: number of outputs.
    """
    if depth < 10 or (depth - 4) % 6:
        lower = max(10, depth - (depth - 4) % 6)
        raise UsageError(f"`depth` (={depth}) must be 6n + 4; the nearest are {lower} and {lower + 6}.")
    stem = convolution(channels, 2 * growth, dims=dims, bias=False)
    counts = [(depth - 4) // 6] * 3
    return _network(stem, 2 * growth, counts, growth, dims=dims, classes=classes)


def densenet(
    depth: int, *, growth: int | None = None, dims: int = 2, channels: int = 3, classes: int = 1000
) -> nn.Module:
    """Build DenseNet-121, -161, -169 or -201 for photographs (121: 7,978,856 parameters).

    Args:
        depth: number of weighted layers.
        growth: channels that each dense layer adds, by default 32 (48 for 161); the stem has twice as many.
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the input.
        classes: number of outputs.
    """
    if depth not in COUNTS:
        raise UsageError(f"`depth` (={depth}) can be {', '.join(map(str, COUNTS))}.")
    if growth is None:
        growth = 48 if depth == 161 else 32
    stem = photo_stem(channels, 2 * growth, dims)
    return _network(stem, 2 * growth, COUNTS[depth], growth, dims=dims, classes=classes)


register(Entry("densenet_bc", densenet_bc, (3, 32, 32)))
register(Entry("densenet_bc100", densenet_bc, (3, 32, 32), {"depth": 100}))
register(Entry("densenet", densenet, (3, 224, 224)))
for _depth in COUNTS:
    register(Entry(f"densenet{_depth}", densenet, (3, 224, 224), {"depth": _depth}))
