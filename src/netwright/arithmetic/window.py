"""Sizes of sliding windows along one axis: convolution, pooling, transposed convolution, unfolding.

The formulas are those of Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning"
(arXiv:1603.07285), with the rounding that torch applies. `padding` is one number for both ends, or a pair
(before, after). `misfit` and `transposed_misfit` return as text why a window does not fit, and an empty text
when it does: the constructor raises this text, the linter reports it and the solver prunes by it.
"""

from netwright.errors import WindowError

Padding = int | tuple[int, int]


def ends(padding: Padding) -> tuple[int, int]:
    """Return the padding before and after the axis.

    >>> ends(2), ends((0, 1))
    ((2, 2), (0, 1))
    """
    return padding if isinstance(padding, tuple) else (padding, padding)


def span(kernel: int, dilation: int = 1) -> int:
    """Return the positions from the first to the last tap (Dumoulin & Visin 2016, section 5.1).

    >>> span(3, dilation=2)
    5
    """
    return dilation * (kernel - 1) + 1


def count(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
) -> int:
    """Return how many windows fit; below 1 when none does, where `window` raises the reason.

    `ceil_mode` keeps a last window that extends beyond the far end, unless it would start in the far padding,
    as torch does in pooling.

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
    """Return the output size of a convolution or pooling (Dumoulin & Visin 2016, relationships 6 and 15).

    Raises:
        WindowError: If the window does not fit, with the text of `misfit`.

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
    """Return why the window does not fit an axis of `size` positions; an empty text when it fits.

    Args:
        size: positions of the axis.
        kernel: number of taps.
        stride: step from one window to the next.
        padding: positions at both ends, or (before, after).
        dilation: step from one tap to the next.
        ceil_mode: keep a last window that extends beyond the far end.
        pooling: whether it is a pooling, which also refuses more padding than half the kernel.

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
    """Return why the numbers do not describe a window at all; an empty text when they do."""
    for name, value in (("kernel", kernel), ("stride", stride), ("dilation", dilation)):
        if value < 1:
            return f"`{name}` (={value}) must be at least 1."
    if min(ends(padding)) < 0:
        return f"`padding` (={min(ends(padding))}) must not be negative; slice the axis to crop it."
    return ""


def padding_to_fit(size: int, kernel: int, dilation: int = 1) -> int:
    """Return the least padding at both ends with which one window fits.

    >>> padding_to_fit(4, kernel=7), padding_to_fit(8, kernel=7)
    (2, 0)
    """
    return max(0, -(-(span(kernel, dilation) - size) // 2))


def transposed(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    """Return the output size of a transposed convolution.

    This is relationship 14 of Dumoulin & Visin 2016, with dilation.

    Raises:
        WindowError: If it does not fit, with the text of `transposed_misfit`.

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
    """Return why a transposed convolution refuses an axis of `size` positions; an empty text when it fits.

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


def bins(size: int, out: int) -> list[tuple[int, int]]:
    """Return the first and one-past-last position of each adaptive-pooling bin: floor(iL/O), ceil((i+1)L/O).

    >>> bins(7, 3)
    [(0, 3), (2, 5), (4, 7)]
    """
    return [(index * size // out, -(-(index + 1) * size // out)) for index in range(out)]
