"""Sizes of sliding windows along one axis: convolution, pooling, transposed convolution, unfolding.

The formulas are those of Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning"
(arXiv:1603.07285), with the rounding that torch applies. `padding` is one number for both ends, or a pair
(before, after). A function that answers "why not" returns the reason as text, empty when the window fits:
the constructor raises it, the linter reports it, the solver prunes by it.
"""

from math import prod

from netwright.errors import WindowError

Padding = int | tuple[int, int]


def ends(padding: Padding) -> tuple[int, int]:
    """Padding before and after the axis.

    >>> ends(2), ends((0, 1))
    ((2, 2), (0, 1))
    """
    return padding if isinstance(padding, tuple) else (padding, padding)


def span(kernel: int, dilation: int = 1) -> int:
    """Positions from the first to the last tap (Dumoulin & Visin 2016, section 5.1).

    >>> span(3, dilation=2)
    5
    """
    return dilation * (kernel - 1) + 1


def same_padding(kernel: int, dilation: int = 1) -> tuple[int, int]:
    """Padding that keeps the size at stride 1; torch's `padding="same"` puts the odd one after.

    >>> same_padding(3), same_padding(4)
    ((1, 1), (1, 2))
    """
    total = span(kernel, dilation) - 1
    return total // 2, total - total // 2


def count(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
) -> int:
    """Windows that fit, below 1 when none does; `window` is the same with the reason raised.

    `ceil_mode` keeps a last window that hangs over the far end, unless it would start in the far padding
    (torch's rule for pooling).

    >>> count(5, kernel=7)
    -1
    """
    before, after = ends(padding)
    room = size + before + after - span(kernel, dilation)
    if not ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= size + before else windows


def window(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
) -> int:
    """Output size of a convolution or pooling window (Dumoulin & Visin 2016, relationships 6 and 15).

    Raises:
        WindowError: the window does not fit; the message is that of `misfit`.

    >>> window(224, kernel=7, stride=2, padding=3)
    112
    >>> window(112, kernel=3, stride=2), window(112, kernel=3, stride=2, ceil_mode=True)
    (55, 56)
    """
    if reason := misfit(size, kernel, stride, padding, dilation, ceil_mode=ceil_mode):
        raise WindowError(reason)
    return count(size, kernel, stride, padding, dilation, ceil_mode=ceil_mode)


def misfit(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
    pooling: bool = False,
) -> str:
    """Why the window does not fit an axis of `size` positions; empty when it fits.

    Args:
        size: positions of the axis.
        kernel: taps.
        stride: step from one window to the next.
        padding: at both ends, or (before, after).
        dilation: step from one tap to the next.
        ceil_mode: keep a last window that hangs over the far end.
        pooling: pooling also refuses more padding than half the kernel.

    >>> misfit(5, kernel=7, padding=1)
    ''
    >>> misfit(4, kernel=7, padding=1)
    '`kernel` (=7) spans 7 positions, but the padded axis has 6 (4 + 1 + 1); use `padding` 2.'
    >>> misfit(8, kernel=3, padding=2, pooling=True)
    '`padding` (=2) is more than half of `kernel` (=3), which pooling refuses; use at most 1.'
    """
    before, after = ends(padding)
    if reason := _malformed(kernel, stride, padding, dilation):
        return reason
    if pooling and max(before, after) > kernel // 2:
        return (
            f"`padding` (={max(before, after)}) is more than half of `kernel` (={kernel}), "
            f"which pooling refuses; use at most {kernel // 2}."
        )
    if count(size, kernel, stride, padding, dilation, ceil_mode=ceil_mode) >= 1:
        return ""
    reach = span(kernel, dilation)
    if pooling and padding_to_fit(size, kernel, dilation) > kernel // 2:
        remedy = f"use a `kernel` of at most {max(1, (size + before + after - 1) // dilation + 1)}"
    else:
        remedy = f"use `padding` {padding_to_fit(size, kernel, dilation)}"
    return (
        f"`kernel` (={kernel}) spans {reach} positions, but the padded axis has {size + before + after} "
        f"({size} + {before} + {after}); {remedy}."
    )


def _malformed(kernel: int, stride: int, padding: Padding, dilation: int) -> str:
    """Why the numbers describe no window at all."""
    for name, value in (("kernel", kernel), ("stride", stride), ("dilation", dilation)):
        if value < 1:
            return f"`{name}` (={value}) must be at least 1."
    if min(ends(padding)) < 0:
        return f"`padding` (={min(ends(padding))}) must not be negative; slice the axis to crop it."
    return ""


def padding_to_fit(size: int, kernel: int, dilation: int = 1) -> int:
    """Least padding at both ends with which one window fits.

    >>> padding_to_fit(4, kernel=7), padding_to_fit(8, kernel=7)
    (2, 0)
    """
    return max(0, -(-(span(kernel, dilation) - size) // 2))


def sizes_for(
    out: int,
    kernel: int,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
) -> range:
    """Input sizes that give `out` windows: the inverse of `window`; empty when none does.

    >>> sizes_for(112, kernel=7, stride=2, padding=3)
    range(223, 225)
    """
    before, after = ends(padding)

    def least(windows: int) -> int:
        """Smallest size with at least so many windows."""
        if not ceil_mode:
            return (windows - 1) * stride + span(kernel, dilation) - before - after
        hanging = (windows - 2) * stride + 1 + span(kernel, dilation) - before - after
        return max(hanging, (windows - 1) * stride + 1 - before)

    return range(max(1, least(out)), max(1, least(out + 1)))


def transposed(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    """Output size of a transposed convolution (Dumoulin & Visin 2016, relationship 14, with dilation).

    Raises:
        WindowError: the message is that of `transposed_misfit`.

    >>> transposed(7, kernel=4, stride=2, padding=1)
    14
    """
    if reason := transposed_misfit(size, kernel, stride, padding, output_padding, dilation):
        raise WindowError(reason)
    return (size - 1) * stride - 2 * padding + span(kernel, dilation) + output_padding


def transposed_misfit(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> str:
    """Why a transposed convolution refuses an axis of `size` positions; empty when it does not.

    >>> transposed_misfit(7, kernel=3, stride=2, output_padding=2)
    '`output_padding` (=2) must be less than `stride` (=2) or `dilation` (=1); use at most 1.'
    """
    if reason := _malformed(kernel, stride, padding, dilation):
        return reason
    if not 0 <= output_padding < max(stride, dilation):
        return (
            f"`output_padding` (={output_padding}) must be less than `stride` (={stride}) or `dilation` "
            f"(={dilation}); use at most {max(stride, dilation) - 1}."
        )
    grown = (size - 1) * stride + span(kernel, dilation) + output_padding
    if grown - 2 * padding >= 1:
        return ""
    return (
        f"`padding` (={padding}) crops {2 * padding} of the {grown} positions that {size} grow to; "
        f"use at most {(grown - 1) // 2}."
    )


def output_padding_for(
    size: int, out: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int | None:
    """The `output_padding` with which `size` grows to `out`; None when no allowed one does.

    A convolution of stride s maps s sizes to one, so its transposed needs this to find the way back
    (Dumoulin & Visin 2016, section 4.6).

    >>> output_padding_for(4, 8, kernel=3, stride=2, padding=1)
    1
    """
    missing = out - ((size - 1) * stride - 2 * padding + span(kernel, dilation))
    return missing if 0 <= missing < max(stride, dilation) else None


def bins(size: int, out: int) -> list[tuple[int, int]]:
    """First and one-past-last position of each adaptive-pooling bin: floor(iL/O), ceil((i+1)L/O).

    >>> bins(7, 3)
    [(0, 3), (2, 5), (4, 7)]
    """
    return [(index * size // out, -(-(index + 1) * size // out)) for index in range(out)]


def blocks(
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[Padding, ...],
    dilation: tuple[int, ...],
) -> int:
    """Blocks that unfolding (im2col) extracts over all axes: the product of the windows of each.

    >>> blocks((8, 8), kernel=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1))
    16
    """
    axes = zip(sizes, kernel, stride, padding, dilation, strict=True)
    return prod(window(n, k, s, p, d) for n, k, s, p, d in axes)
