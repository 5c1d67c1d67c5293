"""Small random networks as real modules, and what their units see by float64 gradients."""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from hypothesis import assume
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.arithmetic.window import misfit, transposed_misfit
from netwright.receptive.sets.reach import Reach

CONV = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
AVG_POOL = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}
MAX_POOL = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
ADAPTIVE = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d, 3: nn.AdaptiveAvgPool3d}
LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
RESIZINGS = ("adaptive", "nearest", "nearest-exact", "linear", "aligned", "area")
LARGEST = 24


class Apply(nn.Module):
    """A function as a module, so that a drawn network prints what it is."""

    def __init__(self, name: str, function: Callable[[Tensor], Tensor]):
        super().__init__()
        self.name, self.function = name, function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)

    def extra_repr(self) -> str:
        return self.name


class Join(nn.Module):
    """A branch beside its input: added when their shapes agree, else concatenated after cropping both."""

    def __init__(self, branch: nn.Module, *, add: bool):
        super().__init__()
        self.branch, self.add = branch, add

    def forward(self, x: Tensor) -> Tensor:
        y = self.branch(x)
        size = [min(a, b) for a, b in zip(x.shape[2:], y.shape[2:], strict=True)]
        crop = (slice(None), slice(None), *[slice(0, n) for n in size])
        if self.add and x.shape[1] == y.shape[1]:
            return x[crop] + y[crop]
        return torch.cat([x[crop], y[crop]], 1)


def channels(net: nn.Module, sizes: tuple[int, ...], inside: int) -> tuple[int, ...]:
    """Channels and sizes after a network."""
    with torch.no_grad():
        return tuple(net(torch.zeros(1, inside, *sizes, dtype=torch.float64)).shape[1:])


@st.composite
def convolutions(draw, inside, sizes, dims, dilations=(1, 3)):
    kernel, dilation, stride = draw(st.integers(1, 4)), draw(st.integers(*dilations)), draw(st.integers(1, 3))
    padding = draw(st.integers(0, 3))
    if any(misfit(n, kernel, stride, padding, dilation) for n in sizes):
        kernel, padding = 1, 0
    return CONV[dims](inside, draw(st.integers(1, 2)), kernel, stride, padding, dilation).double()


@st.composite
def transposed_convolutions(draw, inside, sizes, dims, dilations=(1, 2)):
    kernel, stride, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(*dilations))
    padding, extra = draw(st.integers(0, 2)), draw(st.integers(0, 1))
    if any(transposed_misfit(n, kernel, stride, padding, extra, dilation) for n in sizes):
        padding, extra = 0, 0
    return TRANSPOSED[dims](inside, 1, kernel, stride, padding, extra, dilation=dilation).double()


@st.composite
def poolings(draw, inside, sizes, dims, kinds=AVG_POOL):
    kernel, stride, ceil_mode = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.booleans())
    padding = draw(st.integers(0, kernel // 2))
    if any(misfit(n, kernel, stride, padding, ceil_mode=ceil_mode, pooling=True) for n in sizes):
        kernel, padding = 1, 0
    return kinds[dims](kernel, stride, padding, ceil_mode=ceil_mode)


@st.composite
def resizings(draw, inside, sizes, dims, kinds=RESIZINGS):
    """Adaptive pooling or interpolation, by size or by factor, that keeps all weights positive."""
    kind = draw(st.sampled_from(kinds))
    out = tuple(draw(st.integers(1, LARGEST // 2)) for _ in sizes)
    if kind == "adaptive":
        return ADAPTIVE[dims](out)
    mode = LINEAR[dims] if kind in {"linear", "aligned"} else kind
    corners = True if kind == "aligned" else None
    if draw(st.booleans()) and all(n <= LARGEST // 2 for n in sizes):
        return nn.Upsample(scale_factor=draw(st.sampled_from([1.5, 2.0])), mode=mode, align_corners=corners)
    return nn.Upsample(size=out, mode=mode, align_corners=corners)


@st.composite
def rearrangements(draw, inside, sizes, dims):
    """Operations that read each position at most once per output."""
    kinds = ["zeros", "replicate", "flip", "strided", "twice", "roll", "flatten", "reflect", "circular"]
    kind = draw(st.sampled_from(kinds))
    last = sizes[-1]
    if kind == "zeros":
        return Apply(kind, lambda x: F.pad(x, (2, 1) * dims))
    if kind in {"replicate", "reflect", "circular"} and min(sizes) > 2:
        return Apply(kind, lambda x: F.pad(x, (1, 2) * dims, mode=kind))
    if kind == "strided" and last > 2:
        return Apply(kind, lambda x: x[..., 1::2])
    if kind == "twice":
        return Apply(kind, lambda x: torch.cat([x, x.flip(-1)], -1))
    if kind == "roll":
        return Apply(kind, lambda x: x.roll(1, -1))
    if kind == "flatten":
        return Apply(kind, lambda x: x.flatten(2).unflatten(2, sizes))
    return Apply("flip", lambda x: x.flip(2))


@st.composite
def cubic(draw, inside, sizes, dims):
    """Bicubic interpolation of an image, whose weights change sign."""
    out = tuple(draw(st.integers(1, LARGEST // 2)) for _ in sizes)
    return nn.Upsample(size=out, mode="bicubic", align_corners=draw(st.booleans()))


@st.composite
def activations(draw, inside, sizes, dims):
    """Pointwise functions and norms, of which the backward pass keeps this or that."""
    kinds = [nn.ReLU(), nn.GELU(), nn.Sigmoid(), nn.SiLU(), nn.Softplus(), nn.Dropout(0.5), nn.LeakyReLU()]
    kinds += [nn.GroupNorm(1, inside).double(), nn.PReLU().double(), nn.Softmax(1)]
    return draw(st.sampled_from(kinds))


STEPS = (convolutions, convolutions, transposed_convolutions, poolings, resizings, rearrangements)
KINDS = {
    "windows": convolutions,
    "dilation": partial(convolutions, dilations=(2, 3)),
    "transposed": transposed_convolutions,
    "dilated transposed": partial(transposed_convolutions, dilations=(2, 3)),
    "pooling": poolings,
    "rearrangement": rearrangements,
    **{kind: partial(resizings, kinds=(kind,)) for kind in RESIZINGS},
}
"""Operations that each deserve draws of their own: free ones are far from evenly spread over them."""


@st.composite
def networks(draw, dims, steps=STEPS, longest=4, first=None, joins=(0, 3)):
    """A network and the input size it is drawn for; all weights positive, in double precision.

    Its first layer is of the strategy `first`, if given; a layer stands beside a sum where a number in the
    range `joins` is 0, beside a concatenation where it is 1.
    """
    sizes = tuple(draw(st.integers(3, 12)) for _ in range(dims))
    given, inside, layers = sizes, 1, []
    for _ in range(draw(st.integers(1, longest))):
        kind = draw(st.sampled_from(steps)) if first is None or layers else first
        step = draw(kind(inside, sizes, dims))
        joined = draw(st.integers(*joins))
        if joined < 2:
            step = Join(step, add=joined == 0)
        after = channels(step, sizes, inside)
        if max(after[1:]) > LARGEST or min(after) < 1:
            continue
        inside, *rest = after
        sizes = tuple(rest)
        layers.append(step)
    assume(layers or first is None)
    net = nn.Sequential(*layers).eval()
    for parameter in net.parameters():
        nn.init.constant_(parameter, 0.5)
    return net, given


def seen(net: nn.Module, given: tuple[int, ...], x: Tensor | None = None) -> np.ndarray:
    """For each unit of the output and each input position: whether the gradient is not zero.

    Every unit has its own copy of the input in the batch, so that one backward pass does for all.
    """
    one = torch.ones(1, 1, *given, dtype=torch.float64) if x is None else x
    units = net(one).numel()
    batch = one.expand(units, *one.shape[1:]).clone().requires_grad_()
    out = net(batch).reshape(units, -1)
    (gradient,) = torch.autograd.grad(out.diagonal().sum(), batch, allow_unused=True)
    if gradient is None:
        return np.zeros((units, *given), dtype=bool)
    flat = gradient.abs().amax(1)
    return (flat > 1e-9 * flat.amax().clamp(min=1e-30)).numpy()


def claimed(support: Reach) -> np.ndarray:
    """For each unit of a map, in order: the input positions of one axis that it reads."""
    out = np.zeros((int(np.prod(support.shape)), support.length), dtype=bool)
    for dims, sets in support.terms:
        sizes = dict(zip(dims, sets.sizes, strict=True))
        array = sets.array.reshape(support.length, *[sizes.get(d, 1) for d in range(len(support.shape))])
        array = np.broadcast_to(array, (support.length, *support.shape))
        out |= ~array.reshape(support.length, -1).T
    return out
