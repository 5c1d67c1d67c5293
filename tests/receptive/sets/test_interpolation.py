"""Index maps of interpolation against what torch reads, in every mode, by size and by scale factor."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional as F

from impulse import agrees_inside, dense, reads
from netwright.receptive.sets import index_map, interpolation

sizes = st.integers(1, 14)
factors = st.sampled_from([0.4, 0.5, 0.75, 1.25, 1.5, 2.0, 2.5, 3.0])


def agree(ours, length, **how):
    """Assert that our map reads what torch's `interpolate` reads along the last axis of a one-row image."""
    for name in ("size", "scale_factor"):
        if name in how:
            how[name] = (1, how[name])
    theirs = reads(lambda x: F.interpolate(x[:, :, None], **how)[:, :, 0], length)
    np.testing.assert_array_equal(dense(ours), theirs)


@given(sizes, sizes, st.booleans())
def test_nearest_to_a_size(size, out, exact):
    ours = interpolation.nearest(size, out, exact=exact)
    agree(ours, size, size=out, mode="nearest-exact" if exact else "nearest")


@given(sizes, factors, st.booleans())
def test_nearest_by_a_factor(size, factor, exact):
    out = int(size * factor)
    assume(out >= 1)
    ours = interpolation.nearest(size, out, factor, exact=exact)
    agree(ours, size, scale_factor=factor, mode="nearest-exact" if exact else "nearest")


@given(sizes, sizes, st.booleans())
def test_linear_to_a_size(size, out, align_corners):
    ours = interpolation.linear(size, out, align_corners=align_corners)
    agree(ours, size, size=out, mode="bilinear", align_corners=align_corners)
    if ours.periodic is not None:
        agrees_inside(ours)


@given(sizes, factors)
def test_linear_by_a_factor(size, factor):
    out = int(size * factor)
    assume(out >= 1)
    agree(interpolation.linear(size, out, factor), size, scale_factor=factor, mode="bilinear")


@given(sizes, sizes, st.booleans())
def test_cubic_to_a_size(size, out, align_corners):
    ours = interpolation.cubic(size, out, align_corners=align_corners)
    agree(ours, size, size=out, mode="bicubic", align_corners=align_corners)
    if ours.periodic is not None:
        agrees_inside(ours)


@given(sizes, factors)
def test_cubic_by_a_factor(size, factor):
    out = int(size * factor)
    assume(out >= 1)
    agree(interpolation.cubic(size, out, factor), size, scale_factor=factor, mode="bicubic")


@given(sizes, sizes)
def test_area_averages_adaptive_bins(size, out):
    agree(index_map.bins(size, out), size, size=out, mode="area")


@given(sizes, sizes, st.sampled_from([("bilinear", 2), ("bicubic", 4)]), st.booleans())
def test_antialiased_interpolation_reads_nothing_outside_its_map(size, out, mode, align_corners):
    name, reach = mode
    ours = interpolation.smoothed(size, out, None, align_corners, reach)
    how = {"size": (1, out), "mode": name, "align_corners": align_corners, "antialias": True}
    theirs = reads(lambda x: F.interpolate(x[:, :, None], **how)[:, :, 0], size)
    assert not (theirs & ~dense(ours)).any()


def test_doubling_repeats_every_two_positions():
    periodic = interpolation.linear(8, 16).periodic
    assert periodic is not None
    assert (periodic.advance, periodic.rows) == (1, ((-1, 0), (0, 1)))


def test_a_long_period_is_not_followed():
    assert interpolation.nearest(1000, 997).periodic is None
    assert interpolation.linear(1, 9, align_corners=True).periodic is None
