"""Every block, in every dimension it has, keeps the contract."""

from collections.abc import Callable, Iterator
from functools import partial
from inspect import getmembers, isclass

import pytest
from torch import nn

from contract import Case, Shape, check
from netwright.blocks import (
    activation,
    attention,
    conv,
    dense,
    fractal,
    hourglass,
    inception,
    norm,
    pooling,
    preactivation,
    residual,
    unet,
)


def keeps(shape: Shape) -> Shape:
    return shape


def to(channels: int, *, change: Callable[[int], int] = lambda side: side) -> Callable[[Shape], Shape]:
    return lambda shape: (channels, *map(change, shape[1:]))


def half(side: int) -> int:
    return (side + 1) // 2


def case(name: str, dims: int, build, out, *, low: int = 2) -> Case:
    bfloat16 = dims < 3 or name not in ("pool-average", "Transition")  # torch: no avg_pool3d in bfloat16
    return Case(f"{name}-{dims}d", dims, build, lambda space: [(4, *space)], out, low, bfloat16)


def plain_cases(d: int) -> Iterator[Case]:
    yield case("Maxout", d, lambda: activation.Maxout(2), to(2))
    yield case("NormedConv", d, lambda: conv.NormedConv(4, 6, stride=2, dims=d), to(6, change=half))
    yield case("NormedConv-dilated", d, lambda: conv.NormedConv(4, 6, dilation=2, groups=2, dims=d), to(6))
    for name in norm.NORMS:
        part = norm.NORMS[name]
        yield case(f"NormedConv-{name}", d, partial(conv.NormedConv, 4, 6, dims=d, norm=part), to(6))
    yield case("Point", d, lambda: conv.Point(4, 6, dims=d), to(6))
    yield case("Halve", d, lambda: conv.Halve(4, 6, dims=d), to(6, change=lambda side: side // 2))
    yield case("Double", d, lambda: conv.Double(4, 6, dims=d), to(6, change=lambda side: 2 * side))
    yield case("PreConv", d, lambda: conv.PreConv(4, 6, stride=2, dims=d), to(6, change=half))
    yield case("Blur", d, lambda: pooling.Blur(2, dims=d), to(4, change=half))
    yield case("GlobalAverage", d, lambda: pooling.GlobalAverage(dims=d), lambda shape: shape[:1])
    for name in pooling.POOLS:
        change = half if name == "blur" else lambda side: side // 2
        yield case(f"pool-{name}", d, partial(pooling.POOLS[name], 4, 2, d), to(4, change=change))


def residual_cases(d: int) -> Iterator[Case]:
    yield case("Subsample", d, lambda: residual.Subsample(2, 3), to(7, change=half))
    for name in ("Basic", "Bottleneck", "OriginalBottleneck"):
        for letter, shortcut in (("A", residual.option_a), ("B", residual.option_b)):
            build = partial(getattr(residual, name), 4, 8, stride=2, shortcut=shortcut, dims=d)
            yield case(f"{name}-{letter}", d, build, to(8, change=half))
    dilated = partial(residual.Basic, 4, 4, dilation=2, groups=2, norm=norm.group, dims=d)
    yield case("Basic-dilated", d, dilated, keeps)
    yield case("Plain", d, lambda: residual.Plain(4, 6, stride=2, dims=d), to(6, change=half))
    yield case("Residual", d, lambda: residual.Residual(conv.NormedConv(4, 4, dims=d)), keeps)
    yield case("StochasticDepth", d, lambda: residual.StochasticDepth(0.5), keeps)
    for block in (preactivation.PreBasic, preactivation.PreBottleneck, hourglass.HalfBottleneck):
        yield case(block.__name__, d, partial(block, 4, 8, stride=2, dims=d), to(8, change=half))
        yield case(f"{block.__name__}-kept", d, partial(block, 4, 4, dilation=2, dims=d), keeps)
    yield case("Wide", d, lambda: preactivation.Wide(4, 8, stride=2, dims=d, dropout=0.3), to(8, change=half))


def joined_cases(d: int) -> Iterator[Case]:
    yield case("NaiveInception", d, lambda: inception.NaiveInception(4, 2, 3, 5, dims=d), to(14))
    yield case("Inception", d, lambda: inception.Inception(4, 2, (3, 4), (2, 3), 5, dims=d), to(14))
    yield case("DenseLayer", d, lambda: dense.DenseLayer(4, 3, dims=d), to(7))
    yield case("DenseBlock", d, lambda: dense.DenseBlock(4, 3, 2, dims=d), to(10))
    yield case("Transition", d, lambda: dense.Transition(4, 2, dims=d), to(2, change=lambda side: side // 2))
    yield case("Pair", d, lambda: unet.Pair(4, 6, middle=5, dims=d), to(6))
    yield case("Pair-valid", d, lambda: unet.Pair(4, 6, dims=d, conv=unet.valid), to(6, change=less4), low=5)
    yield case("Down", d, lambda: unet.Down(4, 6, dims=d), to(6, change=lambda side: side // 2))
    for up in (unet.transposed, unet.resized):
        yield Case(f"Up-{up.__name__}-{d}d", d, partial(unet.Up, 6, 3, 4, dims=d, up=up), below, above)
    cropped = partial(unet.CroppedUp, 6, 3, 4, dims=d, conv=unet.valid)
    yield Case(f"CroppedUp-{d}d", d, cropped, wide, lambda x, skip: (4, *(2 * s - 4 for s in x[1:])), low=3)
    yield case("Hourglass", d, lambda: hourglass.Hourglass(4, 2, dims=d), keeps, low=4)


def less4(side: int) -> int:
    return side - 4


def below(space: Shape) -> list[Shape]:
    """A map and the skip it came from, whose odd last position pooling had dropped."""
    return [(6, *(side // 2 for side in space)), (3, *space)]


def above(x: Shape, skip: Shape) -> Shape:
    return (4, *skip[1:])


def wide(space: Shape) -> list[Shape]:
    return [(6, *space), (3, *(2 * side + 3 for side in space))]


def attention_cases(d: int) -> Iterator[Case]:
    yield case("PositionAttention", d, lambda: attention.PositionAttention(4, reduction=2, dims=d), keeps)
    yield case("ChannelAttention", d, lambda: attention.ChannelAttention(), keeps)
    yield case("SqueezeExcite", d, lambda: attention.SqueezeExcite(4, reduction=2), keeps)
    yield case("FractalAttention", d, lambda: fractal.FractalAttention(4, depth=3, dims=d), keeps)
    yield case("FractalUnit", d, lambda: fractal.FractalUnit(4, depth=3, dims=d), keeps)
    if d == 1:
        sequence = lambda space: [(*space, 8)]  # noqa: E731 (a name for the line below)
        yield Case("SelfAttention", 1, lambda: attention.SelfAttention(8, 2), sequence, keeps)


CASES = [
    each
    for d in (1, 2, 3)
    for cases in (plain_cases, residual_cases, joined_cases, attention_cases)
    for each in cases(d)
]


@pytest.mark.parametrize("each", CASES, ids=lambda each: each.name)
def test_the_block_keeps_the_contract(each: Case):
    check(each)


def test_every_block_is_in_the_contract():
    """A class of `blocks` that is a module stands in the list above, so a new one cannot be forgotten."""
    tested = {each.name.split("-")[0] for each in CASES}
    parts = [activation, attention, conv, dense, fractal, hourglass, inception, pooling, preactivation]
    blocks = {
        name
        for part in [*parts, residual, unet]
        for name, thing in getmembers(part, isclass)
        if issubclass(thing, nn.Module) and thing.__module__ == part.__name__
    }
    assert blocks - {"Branches", "PreActivation"} - tested == set()
