"""Window arithmetic against torch: its sizes where torch accepts a window, reasons where torch refuses."""

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional as F

from netwright.arithmetic.window import (
    bins,
    misfit,
    padding_to_fit,
    transposed,
    transposed_misfit,
    window,
)
from netwright.errors import WindowError
from strategies import axes, several

CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
MAX_POOL = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
AVG_POOL = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
ADAPTIVE = {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d, 3: F.adaptive_avg_pool3d}


def ones(*shape):
    """Return real data; on the meta device torch checks pooling and transposed convolution differently."""
    return torch.ones(1, 1, *shape)


def columns(drawn):
    """Return the drawn axes as torch takes them, one tuple for each argument."""
    names = ("size", "kernel", "stride", "padding", "dilation")
    return [tuple(getattr(axis, name) for axis in drawn) for name in names]


@given(several(axes()))
def test_convolution_has_the_size_torch_gives_or_a_reason_where_torch_refuses(drawn):
    sizes, kernel, stride, padding, dilation = columns(drawn)
    reasons = [misfit(axis.size, **axis.window) for axis in drawn]
    if any(reasons):
        with pytest.raises(RuntimeError):
            CONV[len(drawn)](ones(*sizes), ones(*kernel), None, stride, padding, dilation)
        return
    out = CONV[len(drawn)](ones(*sizes), ones(*kernel), None, stride, padding, dilation)
    assert out.shape[2:] == tuple(window(axis.size, **axis.window) for axis in drawn)


@given(several(axes(pooling=True)), st.booleans())
def test_max_pooling_has_the_size_torch_gives_in_both_rounding_modes(drawn, ceil_mode):
    sizes, kernel, stride, padding, dilation = columns(drawn)
    reasons = [misfit(axis.size, **axis.window, ceil_mode=ceil_mode, pooling=True) for axis in drawn]
    if any(reasons):
        with pytest.raises(RuntimeError):
            MAX_POOL[len(drawn)](ones(*sizes), kernel, stride, padding, dilation, ceil_mode)
        return
    out = MAX_POOL[len(drawn)](ones(*sizes), kernel, stride, padding, dilation, ceil_mode)
    assert out.shape[2:] == tuple(window(axis.size, **axis.window, ceil_mode=ceil_mode) for axis in drawn)


@given(several(axes(pooling=True)), st.booleans())
def test_average_pooling_has_the_size_torch_gives_in_both_rounding_modes(drawn, ceil_mode):
    sizes, kernel, stride, padding, _ = columns(drawn)
    # torch's 3-D average pooling alone refuses a kernel larger than the axis before padding.
    assume(len(drawn) < 3 or all(axis.kernel <= axis.size for axis in drawn))
    windows = [(n, k, s, p) for n, k, s, p in zip(sizes, kernel, stride, padding, strict=True)]
    if any(misfit(*each, ceil_mode=ceil_mode, pooling=True) for each in windows):
        with pytest.raises(RuntimeError):
            AVG_POOL[len(drawn)](ones(*sizes), kernel, stride, padding, ceil_mode)
        return
    out = AVG_POOL[len(drawn)](ones(*sizes), kernel, stride, padding, ceil_mode)
    assert out.shape[2:] == tuple(window(*each, ceil_mode=ceil_mode) for each in windows)


@given(several(axes()), st.integers(0, 4))
def test_transposed_convolution_has_the_size_torch_gives_or_a_reason_where_torch_refuses(drawn, extra):
    sizes, kernel, stride, padding, dilation = columns(drawn)
    out = (extra,) * len(drawn)
    grow = [(n, k, s, p, extra, d) for n, k, s, p, d in zip(*columns(drawn), strict=True)]
    call = (ones(*sizes), ones(*kernel), None, stride, padding, out, 1, dilation)
    if any(transposed_misfit(*each) for each in grow):
        with pytest.raises(RuntimeError):
            TRANSPOSED[len(drawn)](*call)
        return
    assert TRANSPOSED[len(drawn)](*call).shape[2:] == tuple(transposed(*each) for each in grow)


@given(several(st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_adaptive_bins_average_what_torch_averages(pairs):
    sizes, out = tuple(n for n, _ in pairs), tuple(o for _, o in pairs)
    x = torch.arange(torch.Size(sizes).numel(), dtype=torch.float64).reshape(1, 1, *sizes)
    expected = x
    for axis, (n, o) in enumerate(pairs, start=2):
        means = [expected.narrow(axis, a, b - a).mean(axis, keepdim=True) for a, b in bins(n, o)]
        expected = torch.cat(means, axis)
    torch.testing.assert_close(ADAPTIVE[len(pairs)](x, out), expected)


@given(axes())
def test_the_suggested_padding_is_the_least_that_fits(axis):
    pad = padding_to_fit(axis.size, axis.kernel, axis.dilation)
    assert misfit(axis.size, axis.kernel, axis.stride, pad, axis.dilation) == ""
    if pad:
        assert misfit(axis.size, axis.kernel, axis.stride, pad - 1, axis.dilation) != ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"kernel": 0}, "`kernel` (=0) must be at least 1"),
        ({"kernel": 3, "stride": 0}, "`stride` (=0) must be at least 1"),
        ({"kernel": 3, "dilation": 0}, "`dilation` (=0) must be at least 1"),
        ({"kernel": 3, "padding": -1}, "`padding` (=-1) must not be negative"),
        ({"kernel": 9}, "use `padding` 2"),
        ({"kernel": 3, "padding": (2, 0), "pooling": True}, "use at most 1"),
        ({"kernel": 9, "dilation": 3, "pooling": True}, "use a `kernel` of at most 2"),
    ],
)
def test_a_misfit_names_the_thing_its_value_and_the_remedy(arguments, said):
    assert said in misfit(5, **arguments)


def test_the_error_has_the_reason_as_its_text():
    with pytest.raises(WindowError) as caught:
        window(4, kernel=7)
    assert str(caught.value) == misfit(4, kernel=7)
    with pytest.raises(WindowError) as caught:
        transposed(2, kernel=3, padding=3)
    assert str(caught.value) == transposed_misfit(2, kernel=3, padding=3)


@given(axes())
def test_the_pooling_remedy_fits(axis):
    """Where pooling cannot pad enough, the remedy is the largest kernel that fits without padding."""
    reason = misfit(axis.size, axis.kernel, axis.stride, 0, axis.dilation, pooling=True)
    if "use a `kernel` of at most " in reason:
        kernel = int(reason.rsplit("most ", 1)[1].rstrip("."))
        assert misfit(axis.size, kernel, axis.stride, 0, axis.dilation, pooling=True) == ""
        assert misfit(axis.size, kernel + 1, axis.stride, 0, axis.dilation, pooling=True) != ""
