"""Index maps against what torch reads, which is seen by giving it each unit impulse."""

import numpy as np
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional as F

from impulse import agrees_inside, dense, reads
from netwright.arithmetic.window import misfit, transposed_misfit
from netwright.receptive.sets import index_map
from netwright.receptive.sets.interior import POINT, PeriodicMap, read
from strategies import axes


def ones(kernel):
    return torch.ones(1, 1, kernel, dtype=torch.float64)


@given(axes())
def test_convolution_reads_what_torch_reads(axis):
    assume(not misfit(axis.size, **axis.window))
    ours = index_map.window(axis.size, **axis.window)
    w = axis.window
    theirs = reads(
        lambda x: F.conv1d(x, ones(axis.kernel), None, w["stride"], w["padding"], w["dilation"]), axis.size
    )
    np.testing.assert_array_equal(dense(ours), theirs)
    agrees_inside(ours)


@given(axes(pooling=True), st.booleans())
def test_average_pooling_reads_what_torch_reads_in_both_rounding_modes(axis, ceil_mode):
    window = (axis.kernel, axis.stride, axis.padding)
    assume(not misfit(axis.size, *window, ceil_mode=ceil_mode, pooling=True))
    ours = index_map.window(axis.size, *window, 1, ceil_mode)
    np.testing.assert_array_equal(
        dense(ours), reads(lambda x: F.avg_pool1d(x, *window, ceil_mode), axis.size)
    )


@given(axes(), st.integers(0, 3))
def test_transposed_convolution_reads_what_torch_reads(axis, extra):
    rest = (axis.kernel, axis.stride, axis.padding, extra, axis.dilation)
    assume(not transposed_misfit(axis.size, *rest))
    ours = index_map.transposed(axis.size, *rest)
    theirs = reads(
        lambda x: F.conv_transpose1d(
            x, ones(axis.kernel), None, axis.stride, axis.padding, extra, 1, axis.dilation
        ),
        axis.size,
    )
    np.testing.assert_array_equal(dense(ours), theirs)
    agrees_inside(ours)


@given(st.integers(1, 20), st.integers(1, 20))
def test_adaptive_bins_read_what_torch_reads(size, out):
    ours = index_map.bins(size, out)
    np.testing.assert_array_equal(dense(ours), reads(lambda x: F.adaptive_avg_pool1d(x, out), size))
    if ours.periodic is not None:
        agrees_inside(ours)


@given(st.integers(1, 12), st.integers(-14, 14), st.integers(-14, 14), st.integers(1, 4))
def test_slices_read_what_torch_reads(size, start, stop, step):
    ours = index_map.strided(size, start, stop, step)
    np.testing.assert_array_equal(dense(ours), reads(lambda x: x[:, :, start:stop:step], size))


@given(
    st.integers(1, 8),
    st.integers(-2, 7),
    st.integers(-2, 7),
    st.sampled_from(["constant", "reflect", "replicate", "circular"]),
)
def test_padding_reads_what_torch_reads_also_where_it_crops(size, before, after, mode):
    assume(size + before + after >= 1 and max(-before, -after) <= size)
    assume(mode != "reflect" or max(before, after) < size)
    assume(mode != "circular" or max(before, after) <= size)
    ours = index_map.padded(size, before, after, mode)
    if mode == "circular" and min(before, after) < 0:
        return
    np.testing.assert_array_equal(dense(ours), reads(lambda x: F.pad(x, (before, after), mode=mode), size))


@given(st.integers(1, 9), st.integers(-12, 12), st.integers(1, 4))
def test_flip_roll_and_repeats_read_what_torch_reads(size, shift, times):
    np.testing.assert_array_equal(dense(index_map.flipped(size)), reads(lambda x: x.flip(2), size))
    np.testing.assert_array_equal(
        dense(index_map.rolled(size, shift)), reads(lambda x: x.roll(shift, 2), size)
    )
    np.testing.assert_array_equal(
        dense(index_map.repeated(size, times)), reads(lambda x: x.repeat_interleave(times, 2), size)
    )
    np.testing.assert_array_equal(
        dense(index_map.tiled(size, times)), reads(lambda x: x.repeat(1, 1, times), size)
    )


@given(axes())
def test_overlap_add_reads_what_fold_reads(axis):
    assume(not misfit(axis.size, **axis.window))
    count = index_map.window(axis.size, **axis.window).out
    ours = index_map.folded(axis.size, **axis.window)
    x = torch.eye(axis.kernel * count, dtype=torch.float64).reshape(-1, axis.kernel, count)
    out = F.fold(x, (1, axis.size), (1, axis.kernel), (1, axis.dilation), (0, axis.padding), (1, axis.stride))
    np.testing.assert_array_equal(dense(ours), (out[:, 0, 0] != 0).T.numpy())


@given(axes())
def test_unread_positions_are_those_without_gradient(axis):
    assume(not misfit(axis.size, **axis.window))
    x = torch.ones(1, 1, axis.size, dtype=torch.float64, requires_grad=True)
    F.conv1d(x, ones(axis.kernel), None, axis.stride, axis.padding, axis.dilation).sum().backward()
    expected = [position for position, gradient in enumerate(x.grad.flatten()) if not gradient]
    assert index_map.window(axis.size, **axis.window).unread().tolist() == expected


def test_unread_and_blank_name_the_positions():
    assert index_map.window(6, 1, 2).unread().tolist() == [1, 3, 5]
    assert index_map.window(2, 1, 1, 1).blank.tolist() == [True, False, False, True]
    assert index_map.window(6, 1, 2).partial
    assert not index_map.window(6, 3, 2, 1).partial


def test_only_the_identity_is_the_identity():
    assert index_map.window(5, 1).identity
    assert not index_map.flipped(5).identity
    assert not index_map.window(5, 3, 1, 1).identity


def test_equal_arguments_give_the_same_map_so_that_compositions_can_be_shared():
    assert index_map.window(224, 3, 1, 1) is index_map.window(224, 3, 1, 1)


def test_a_reversed_axis_runs_backwards_on_the_endless_axis_too():
    there = read(POINT, index_map.flipped(5).periodic)
    assert there is not None
    assert [there.at(i) for i in range(5)] == [(4 - i, 4 - i) for i in range(5)]
    assert read(there, index_map.flipped(5).periodic) == POINT


def test_a_roll_does_not_repeat_on_an_endless_axis():
    assert index_map.rolled(5, 2).periodic is None
    assert index_map.rolled(5, 0).periodic == PeriodicMap(1, ((0,),))
