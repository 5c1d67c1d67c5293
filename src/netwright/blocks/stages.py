"""A network's body: stages of blocks, each stage with a width of its own and a stride at its first block."""

from collections.abc import Callable, Sequence

from torch import nn


def stages(
    channels: int,
    widths: Sequence[int],
    counts: Sequence[int],
    block: Callable[..., nn.Module],
    *,
    first_stride: int = 1,
) -> nn.Sequential:
    """`counts[i]` blocks of `widths[i]` channels for each stage; every later stage halves the map.

    Args:
        channels: of the input.
        widths: outputs of the blocks of each stage.
        counts: blocks of each stage.
        block: called as `block(channels, out, stride=…)`.
        first_stride: of the first stage.
    """
    built = []
    for stage, (width, count) in enumerate(zip(widths, counts, strict=True)):
        blocks = []
        for index in range(count):
            stride = 1 if index else first_stride if stage == 0 else 2
            blocks.append(block(channels, width, stride=stride))
            channels = width
        built.append(nn.Sequential(*blocks))
    return nn.Sequential(*built)
