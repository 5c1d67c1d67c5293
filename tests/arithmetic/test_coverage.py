"""Coverage of a window against gradients of torch."""

import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional as F

from netwright.arithmetic.coverage import (
    dead_share,
    live_taps,
    lost_border,
    overhang,
    transposed_live_taps,
    uneven_overlap,
)
from netwright.arithmetic.window import misfit, transposed_misfit
from strategies import axes


def kernel_gradient(axis):
    """Return the gradient of a sum of windows of ones with respect to the kernel."""
    x = torch.ones(1, 1, axis.size, dtype=torch.float64)
    w = torch.ones(1, 1, axis.kernel, dtype=torch.float64, requires_grad=True)
    F.conv1d(x, w, None, axis.stride, axis.padding, axis.dilation).sum().backward()
    return w.grad.flatten()


@given(axes())
def test_dead_taps_are_those_whose_weight_gets_no_gradient(axis):
    assume(not misfit(axis.size, **axis.window))
    assert live_taps(axis.size, **axis.window) == [bool(g) for g in kernel_gradient(axis)]


@given(axes(), axes())
def test_the_dead_share_of_a_plane_counts_weights_without_gradient(first, second):
    assume(not any(misfit(axis.size, **axis.window) for axis in (first, second)))
    x = torch.ones(1, 1, first.size, second.size, dtype=torch.float64)
    w = torch.ones(1, 1, first.kernel, second.kernel, dtype=torch.float64, requires_grad=True)
    pairs = [(getattr(first, n), getattr(second, n)) for n in ("stride", "padding", "dilation")]
    F.conv2d(x, w, None, *pairs).sum().backward()
    share = dead_share([live_taps(axis.size, **axis.window) for axis in (first, second)])
    assert abs(share - float((w.grad == 0).double().mean())) < 1e-12


@given(axes(pooling=True), st.booleans())
def test_lost_border_is_what_lies_after_the_last_window(axis, ceil_mode):
    assume(not misfit(axis.size, **axis.window, ceil_mode=ceil_mode))
    lost = lost_border(axis.size, **axis.window, ceil_mode=ceil_mode)
    kept = torch.arange(axis.size, dtype=torch.float64).reshape(1, 1, -1) + 1
    ends = F.max_pool1d(kept, axis.kernel, axis.stride, axis.padding, axis.dilation, ceil_mode)
    if axis.dilation == 1 and not ceil_mode:
        assert lost == axis.size - int(ends[0, 0, -1])
    assert 0 <= lost < axis.stride
    assert not lost or ceil_mode or overhang(axis.size, **axis.window)[1] == 0


@given(axes())
def test_overhang_is_the_padding_below_the_outer_windows(axis):
    assume(not misfit(axis.size, **axis.window))
    x = torch.ones(1, 1, axis.size, dtype=torch.float64)
    padded = F.pad(x, (axis.padding, axis.padding), value=-1.0)
    reach = axis.dilation * (axis.kernel - 1) + 1
    windows = padded.unfold(2, reach, axis.stride)[0, 0]
    first, last = overhang(axis.size, **axis.window)
    assert first == axis.padding
    assert last == min(axis.padding, max(0, axis.padding - lost_tail(padded, reach, axis.stride)))
    assert windows.shape[0] >= 1


def lost_tail(padded, reach, stride):
    """Return how many positions of the padded axis lie after the last window."""
    return (padded.shape[-1] - reach) % stride


@given(axes(), st.integers(0, 3))
def test_dead_transposed_taps_are_those_whose_weight_gets_no_gradient(axis, extra):
    rest = (axis.kernel, axis.stride, axis.padding, extra, axis.dilation)
    assume(not transposed_misfit(axis.size, *rest))
    x = torch.ones(1, 1, axis.size, dtype=torch.float64)
    w = torch.ones(1, 1, axis.kernel, dtype=torch.float64, requires_grad=True)
    F.conv_transpose1d(x, w, None, axis.stride, axis.padding, extra, 1, axis.dilation).sum().backward()
    assert transposed_live_taps(axis.size, *rest) == [bool(g) for g in w.grad.flatten()]


@given(st.integers(1, 7), st.integers(1, 4), st.integers(1, 3))
def test_uneven_overlap_is_what_a_transposed_convolution_of_ones_writes_inside(kernel, stride, dilation):
    x = torch.ones(1, 1, 24, dtype=torch.float64)
    w = torch.ones(1, 1, kernel, dtype=torch.float64)
    reach = dilation * (kernel - 1) + 1
    inside = F.conv_transpose1d(x, w, None, stride, 0, 0, 1, dilation)[0, 0, reach:-reach]
    assert uneven_overlap(kernel, stride, dilation) == (int(inside.min()), int(inside.max()))


def test_the_catalogue_example_of_dead_taps_is_three_quarters():
    """The layer has a 4x4 kernel, stride 2 and padding 1, and its map is 2x2."""
    assert dead_share([live_taps(2, 4, 2, 1)] * 2) == 0.75
