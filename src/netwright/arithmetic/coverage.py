"""What a window reads of an axis and what it leaves: dead taps, positions never read, lost borders.

Arguments are those of `window.window`; sizes in positions. A tap is dead when at every window it stands on
padding, so its weights do nothing at this size.
"""

from math import prod

from netwright.arithmetic.window import Padding, ends, span, window


def live_taps(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
) -> list[bool]:
    """For each tap of the kernel, whether it touches data at some window.

    Tap t stands at s·i - p + d·t; the first window that brings it to 0 or beyond decides.

    >>> live_taps(2, kernel=4, stride=2, padding=1)
    [False, True, True, False]
    """
    before, _ = ends(padding)
    windows = window(size, kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    live = []
    for tap in range(kernel):
        first = max(0, -(-(before - dilation * tap) // stride))
        live.append(first < windows and stride * first - before + dilation * tap < size)
    return live


def dead_share(live: list[list[bool]]) -> float:
    """Share of a kernel's weights that never touch data, from the live taps of each of its axes.

    A tap of a 2-D or 3-D kernel is live where its tap along every axis is.

    >>> dead_share([live_taps(2, 4, 2, 1), live_taps(2, 4, 2, 1)])
    0.75
    """
    return 1 - prod(sum(axis) for axis in live) / prod(len(axis) for axis in live)


def unread(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
) -> list[int]:
    """Positions of the axis that no tap of any window touches, in order.

    >>> unread(8, kernel=1, stride=2)
    [1, 3, 5, 7]
    """
    before, _ = ends(padding)
    windows = window(size, kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    starts = range(-before, stride * windows - before, stride)
    read = {start + dilation * tap for start in starts for tap in range(kernel)}
    return [position for position in range(size) if position not in read]


def lost_border(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
) -> int:
    """Positions of data behind the last window: (L + 2p - d(k-1) - 1) mod s, less the far padding.

    >>> lost_border(8, kernel=3, stride=2), lost_border(8, kernel=3, stride=2, padding=1)
    (1, 0)
    """
    before, _ = ends(padding)
    windows = window(size, kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    return max(0, size - (stride * (windows - 1) - before + span(kernel, dilation)))


def overhang(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
) -> tuple[int, int]:
    """Padding that the first and the last window stand on; unequal ends shift the map.

    Zero padding on one side only at stride 2 over an even size skews feature maps (Alsallakh et al. 2021,
    "Mind the Pad").

    >>> overhang(8, kernel=3, stride=2, padding=1), overhang(9, kernel=3, stride=2, padding=1)
    ((1, 0), (1, 1))
    """
    before, _ = ends(padding)
    windows = window(size, kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    return before, max(0, stride * (windows - 1) - before + span(kernel, dilation) - size)


def transposed_live_taps(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0, dilation: int = 1
) -> list[bool]:
    """For each tap of a transposed convolution, whether it writes inside the cropped output.

    Tap t of position j writes s·j - p + d·t.

    >>> transposed_live_taps(1, kernel=4, stride=2, padding=1)
    [False, True, True, False]
    """
    out = (size - 1) * stride - 2 * padding + span(kernel, dilation) + output_padding
    live = []
    for tap in range(kernel):
        first = max(0, -(-(padding - dilation * tap) // stride))
        live.append(first < size and stride * first - padding + dilation * tap < out)
    return live


def uneven_overlap(kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Fewest and most taps that write to one output position of a transposed convolution.

    Unequal numbers draw a checkerboard (Odena, Dumoulin & Olah 2016).

    >>> uneven_overlap(3, stride=2), uneven_overlap(4, stride=2)
    ((1, 2), (2, 2))
    """
    phases = [0] * stride
    for tap in range(kernel):
        phases[dilation * tap % stride] += 1
    return min(phases), max(phases)
