"""Wide residual networks: fewer layers, more channels (Zagoruyko & Komodakis 2016, table 1)."""

from functools import partial

from torch import nn

from netwright.blocks.conv import convolution
from netwright.blocks.preactivation import Wide
from netwright.errors import UsageError
from netwright.models.families.preresnet import preactivated
from netwright.models.registry import Entry, register


def wide_resnet(
    depth: int,
    *,
    widen: int = 10,
    dropout: float = 0.0,
    width: int = 16,
    dims: int = 2,
    channels: int = 3,
    classes: int = 10,
) -> nn.Module:
    """Build WRN-`depth`-`widen` with 6n + 4 weighted layers (28-10: 36,479,194 parameters).

    Args:
        depth: number of weighted layers, including the three shortcut convolutions.
        widen: factor on the channels of every stage (k in the paper).
        dropout: probability of dropout between the convolutions of each block; the paper uses 0.3, or none.
        width: channels of the stem, and of the first stage before it is widened.
        dims: number of axes of the map: 1, 2 or 3.
        channels: channels of the input.
        classes: number of outputs.
    """
    if depth < 10 or (depth - 4) % 6:
        lower = max(10, depth - (depth - 4) % 6)
        raise UsageError(f"`depth` (={depth}) must be 6n + 4; the nearest are {lower} and {lower + 6}.")
    widths = [width * widen * scale for scale in (1, 2, 4)]
    stem = convolution(channels, width, dims=dims, bias=False)
    block = partial(Wide, dropout=dropout)
    counts = [(depth - 4) // 6] * 3
    return preactivated(stem, width, widths, counts, block, dims=dims, classes=classes)


register(Entry("wide_resnet", wide_resnet, (3, 32, 32)))
for _depth, _widen in ((16, 4), (40, 4), (28, 10)):
    _arguments = {"depth": _depth, "widen": _widen}
    register(Entry(f"wide_resnet{_depth}_{_widen}", wide_resnet, (3, 32, 32), _arguments))
