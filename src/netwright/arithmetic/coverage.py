"""Where a window stands on an axis: taps that touch only padding, borders that no window reaches.

The arguments are those of `window.window`, and sizes count positions. A tap is dead when it stands on padding
at every window: at this size, its weights have no effect.
"""

from math import prod

from netwright.arithmetic.window import Padding, ends, span, transposed, window


def live_taps(size: int, kernel: int, stride: int = 1, padding: Padding = 0, dilation: int = 1) -> list[bool]:
    """Return, for each tap of the kernel, whether it touches data at some window.

    >>> live_taps(2, kernel=4, stride=2, padding=1)
    [False, True, True, False]
    """
    windows = window(size, kernel, stride, padding, dilation)
    return _touching(windows, size, kernel, stride, ends(padding)[0], dilation)


def transposed_live_taps(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0, dilation: int = 1
) -> list[bool]:
    """Return, for each tap of a transposed convolution, whether it writes inside the cropped output.

    >>> transposed_live_taps(1, kernel=4, stride=2, padding=1)
    [False, True, True, False]
    """
    out = transposed(size, kernel, stride, padding, output_padding, dilation)
    return _touching(size, out, kernel, stride, padding, dilation)


def _touching(windows: int, size: int, kernel: int, stride: int, before: int, dilation: int) -> list[bool]:
    """Return, for each tap, whether it falls on one of `size` positions at some window.

    Tap t of window i stands at s·i - p + d·t; the first window that brings it to 0 or beyond decides. A
    transposed convolution writes to the positions that the window of the same settings reads.
    """
    live = []
    for tap in range(kernel):
        first = max(0, -(-(before - dilation * tap) // stride))
        live.append(first < windows and stride * first - before + dilation * tap < size)
    return live


def dead_share(live: list[list[bool]]) -> float:
    """Return the share of a kernel's weights that never touch data, given the live taps of each axis.

    A tap of a 2-D or 3-D kernel is live where its tap along every axis is live.

    >>> dead_share([live_taps(2, 4, 2, 1), live_taps(2, 4, 2, 1)])
    0.75
    """
    return 1 - prod(sum(axis) for axis in live) / prod(len(axis) for axis in live)


def lost_border(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
) -> int:
    """Return how many positions of data lie after the last window.

    These are (L + 2p - d(k-1) - 1) mod s positions, less the padding at the far end.

    >>> lost_border(8, kernel=3, stride=2), lost_border(8, kernel=3, stride=2, padding=1)
    (1, 0)
    """
    windows = window(size, kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    return max(0, size - _end(windows, kernel, stride, padding, dilation))


def overhang(
    size: int, kernel: int, stride: int = 1, padding: Padding = 0, dilation: int = 1
) -> tuple[int, int]:
    """Return how much padding the first and the last window stand on; unequal ends shift the map.

    Zero padding that only one side uses, as with stride 2 on an even size, skews feature maps (Alsallakh et
    al. 2021, "Mind the Pad").

    >>> overhang(8, kernel=3, stride=2, padding=1), overhang(9, kernel=3, stride=2, padding=1)
    ((1, 0), (1, 1))
    """
    windows = window(size, kernel, stride, padding, dilation)
    return ends(padding)[0], max(0, _end(windows, kernel, stride, padding, dilation) - size)


def _end(windows: int, kernel: int, stride: int, padding: Padding, dilation: int) -> int:
    """Return the position after the last one that the last window covers."""
    return stride * (windows - 1) - ends(padding)[0] + span(kernel, dilation)


def uneven_overlap(kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Return the fewest and the most taps that write to one output position of a transposed convolution.

    Unequal numbers draw a checkerboard (Odena, Dumoulin & Olah 2016).

    >>> uneven_overlap(3, stride=2), uneven_overlap(4, stride=2)
    ((1, 2), (2, 2))
    """
    phases = [0] * stride
    for tap in range(kernel):
        phases[dilation * tap % stride] += 1
    return min(phases), max(phases)
