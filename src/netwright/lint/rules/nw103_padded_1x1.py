"""A 1x1 convolution with padding surrounds the map with a border that holds only the bias.

What. A convolution has a kernel of 1 and a padding above 0 along the same axis.

Why. A 1x1 kernel reads one position, and at a padded position there is nothing to read. Each new border
position holds only the bias, which is the same for every image. A 1x1 map becomes a 3x3 map with eight of its
nine positions constant, and the next layer computes on all of them (Dumoulin & Visin 2016: padding keeps the
size of a map for kernels above 1).

Guard. None is needed: no published network does this.

Instead.

    nn.Conv2d(1024, 1024, 1)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network

POSITION = 4


def look(network: "Network") -> Iterator[Remark]:
    """Report every convolution that pads a kernel of 1."""
    from torch import nn

    for path, module in network.modules.items():
        if not isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d) or isinstance(module.padding, str):
            continue
        pairs = list(zip(module.kernel_size, module.padding, strict=True))
        if any(kernel == 1 and padding for kernel, padding in pairs):
            right = [0 if kernel == 1 else padding for kernel, padding in pairs]
            yield Remark(
                network.built(path),
                f"{network.title(path)} has a kernel of 1 and a padding of {max(module.padding)}: "
                "the border of its output holds only the bias.",
                module=path,
                evidence={"kernel": list(module.kernel_size), "padding": list(module.padding)},
                fix=_fix(network, path, right) or Fix("use a padding of 0 there"),
            )


def _fix(network: "Network", path: str, padding: list[int]) -> Fix | None:
    from netwright.lint.rewrite import as_argument, rewritten, with_argument

    constructor = network.constructor(path)
    if constructor is None:
        return None
    script, call = constructor
    value = as_argument(padding)
    text = with_argument(script.segment(call), "padding", value, POSITION)
    return rewritten(network, path, text, *network.siblings(path))


RULE = Rule("error", "unsafe", network=look)
