"""A transposed convolution produces a checkerboard pattern.

What. The stride of a transposed convolution is above 1 and does not divide its kernel.

Why. Different numbers of taps then write the output positions: with kernel 3 and stride 2, one or two along
each axis, and one to four in the plane. The pattern shows in outputs and gradients whatever the initial
weights are, and the network has to unlearn it (Odena, Dumoulin & Olah 2016, "Deconvolution and Checkerboard
Artifacts", Distill).

Guard. None is needed: a kernel that the stride divides is not reported, and neither is a stride of 1.

Instead.

    nn.ConvTranspose2d(256, 128, 4, 2, 1)  # for 3, 2, 1 with output_padding=1: the same output size
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from torch import nn

    from netwright.lint.network import Network

    Transposed = nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d

KERNEL, PADDING, EXTRA = 2, 4, 5


def look(network: "Network") -> Iterator[Remark]:
    """Report every transposed convolution whose stride does not divide its kernel."""
    from torch import nn

    for path, module in network.modules.items():
        if not isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d):
            continue
        pairs = list(zip(module.kernel_size, module.stride, strict=True))
        uneven = [axis for axis, (kernel, stride) in enumerate(pairs) if stride > 1 and kernel % stride]
        if uneven:
            kernel, stride = pairs[uneven[0]]
            low, high = kernel // stride, -(-kernel // stride)
            yield Remark(
                network.built(path),
                f"{network.title(path)} has kernel {kernel} and stride {stride}: {low} or {high} taps write "
                "each position along an axis, which gives a checkerboard pattern.",
                module=path,
                evidence={"kernel": list(module.kernel_size), "stride": list(module.stride)},
                fix=_fix(network, path, module),
            )


def _fix(network: "Network", path: str, module: "Transposed") -> Fix:
    """Return the fix with a kernel of twice the stride and the padding that keeps the output size."""
    from netwright.lint.rewrite import rewritten, with_argument, without_argument

    constructor = network.constructor(path)
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    settings: set[tuple[int, ...]] = {*zip(*(getattr(module, name) for name in names), strict=True)}
    if constructor is None or len(settings) != 1:
        return Fix("use a kernel of twice the stride")
    kernel, stride, padding, extra, dilation = settings.pop()
    crop = 2 * stride - (kernel - 2 * padding + extra)
    if dilation != 1 or crop < 0 or crop % 2:
        return Fix("use a kernel of twice the stride")
    script, call = constructor
    text = with_argument(script.segment(call), "kernel_size", str(2 * stride), KERNEL)
    text = with_argument(without_argument(text, "output_padding", EXTRA), "padding", str(crop // 2), PADDING)
    return rewritten(network, path, text, *network.siblings(path)) or Fix("use a kernel of twice the stride")


RULE = Rule("warning", "unsafe", network=look)
