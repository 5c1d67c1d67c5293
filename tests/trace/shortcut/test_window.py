"""Sliding windows and resampling have the shapes torch gives them."""

import pytest
import torch

aten = torch.ops.aten
X = torch.rand(3, 4, 5, 6)
LAST = X.to(memory_format=torch.channels_last)
W, V = torch.rand(2, 4, 3, 3), torch.rand(4, 5, 3, 2)
SERIES, VOLUME = torch.rand(2, 3, 7), torch.rand(1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    "args",
    [
        (X, W, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
        (X, W, torch.zeros(2), [2, 1], [1, 2], [1, 2], False, [0, 0], 1),
        (X, W[:, :2].contiguous(), None, [2], [1], [1], False, [0], 2),
        (X, V, None, [2, 3], [1, 0], [1, 2], True, [1, 2], 1),
        (X, V, None, [2, 2], [1, 1], [1, 1], True, [0, 1], 2),
        (X[0], torch.rand(2, 5, 3), None, [1], [1], [1], False, [0], 1),
    ],
)
def test_a_convolution_has_the_real_output_shape(args, agrees):
    agrees(aten.convolution.default, args)


@pytest.mark.parametrize(
    "args",
    [
        (X, W[:, :3], None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
        (X, W, None, [1, 1], [0, 0], [3, 3], False, [0, 0], 1),
        (X.double(), W, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
        (LAST, W, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
        (X, V, None, [1, 1], [0, 0], [1, 1], True, [1, 1], 1),
    ],
)
def test_a_convolution_that_does_not_fit_is_left_to_torch(args, declines):
    declines(aten.convolution.default, args)


def test_groups_that_do_not_divide_are_refused_as_with_data():
    from netwright.trace.shortcut import SHORTCUTS

    args = (torch.rand(3, 1, 3, 3), None, [1, 1], [0, 0], [1, 1], False, [0, 0], 2)
    with pytest.raises(RuntimeError, match="Given groups=2, expected weight to be divisible by 2"):
        SHORTCUTS[aten.convolution.default](torch.rand(1, 2, 5, 5).to("meta"), *args)


@pytest.mark.parametrize(
    "window",
    [
        ([2, 3], [2, 1], [1, 1], [1, 1]),
        ([2],),
        ([2, 2], [], [0, 0], [2, 3]),
        ([2, 2], [2, 2], [0, 0], [1, 1], True),
        ([3, 3], [2, 2], [1, 1], [1, 1], True),
    ],
)
def test_maximum_pooling_has_the_real_output_shape(window, agrees):
    agrees(aten.max_pool2d_with_indices.default, (X, *window))


def test_a_pooling_without_dilation_is_left_to_torch(declines):
    declines(aten.max_pool2d_with_indices.default, (X, [2, 2], [2, 2], [0, 0], [0, 0]))


@pytest.mark.parametrize("window", [([7, 7],), ([2, 2], [2, 2], [2, 2]), ([2, 2], [0, 0])])
def test_a_pooling_window_that_does_not_fit_is_left_to_torch(window, declines):
    declines(aten.max_pool2d_with_indices.default, (X, *window))
    declines(aten.avg_pool2d.default, (X, *window))


@pytest.mark.parametrize(
    "window",
    [
        ([2],),
        ([2, 3], [1, 2]),
        ([3, 3], [2, 2], [1, 1]),
        ([2, 2], [2, 2], [0, 0], True),
        ([2], [], [0], True, False),
    ],
)
def test_average_pooling_has_the_real_output_shape(window, agrees):
    agrees(aten.avg_pool2d.default, (X, *window))


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten.avg_pool2d.default, (X, [2], [], [0], False, True, 0)),
        (aten.avg_pool2d.default, (X.long(), [2])),
        (aten._adaptive_avg_pool2d.default, (X[0], [3, 3])),
        (aten.upsample_nearest2d.default, (X, [0, 4])),
        (aten.upsample_nearest2d.default, (LAST, [4, 4])),
    ],
)
def test_doubtful_resampling_is_left_to_torch(func, args, declines):
    declines(func, args)


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten._adaptive_avg_pool2d.default, (X, [3, 2])),
        (aten._adaptive_avg_pool3d.default, (VOLUME, [2, 2, 2])),
        (aten.upsample_nearest1d.default, (SERIES, [9])),
        (aten.upsample_nearest2d.default, (X, [10, 3])),
        (aten.upsample_nearest3d.default, (VOLUME, [6, 8, 10])),
        (aten.upsample_linear1d.default, (SERIES, [14], False)),
        (aten.upsample_bilinear2d.default, (X, [10, 12], True)),
        (aten.upsample_bicubic2d.default, (X, [10, 12], False)),
        (aten.upsample_trilinear3d.default, (VOLUME, [6, 8, 10], False)),
    ],
)
def test_resampling_has_the_size_that_is_asked_for(func, args, agrees):
    agrees(func, args)


@pytest.mark.parametrize("window", [([2],), ([2, 3, 1], [1, 2, 1], [1, 1, 0]), ([2], [2], [0], [1], True)])
def test_volumes_are_pooled_like_images(window, agrees):
    kernel, *rest = window
    agrees(aten.max_pool3d_with_indices.default, (VOLUME, *window))
    agrees(aten.avg_pool3d.default, (VOLUME, kernel, *rest[:2], *rest[3:]))


def test_an_unbatched_volume_is_not_taken_for_an_image(declines):
    declines(aten.avg_pool3d.default, (X, [2]))


PADS = {1: "pad1d", 2: "pad2d", 3: "pad3d"}


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("kind", ["reflection", "replication"])
def test_padding_adds_positions_at_both_ends(kind, axes, agrees):
    x = torch.rand(2, 3, *(4, 5, 6)[:axes])
    agrees(getattr(aten, f"{kind}_{PADS[axes]}").default, (x, [1, 2, 0, 3, 2, 1][: 2 * axes]))
    agrees(aten.constant_pad_nd.default, (x, [1, 2], 0.5))


@pytest.mark.parametrize("padding", [[-1, 0], [-1, -2], [2, -3]])
def test_negative_padding_cuts_positions_off(padding, agrees):
    x = torch.rand(2, 3, 4)
    agrees(aten.replication_pad1d.default, (x, padding))
    agrees(aten.reflection_pad1d.default, (x, padding))
    agrees(aten.constant_pad_nd.default, (x, padding, 0.5))


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten.reflection_pad1d.default, (torch.rand(2, 3, 4), [4, 0])),
        (aten.replication_pad1d.default, (torch.rand(2, 3, 4), [-4, 6])),
        (aten.constant_pad_nd.default, (torch.rand(3, 4), [1, 2, 3], 0.0)),
        (aten.constant_pad_nd.default, (torch.rand(4, 3).T, [1, 2], 0.0)),
        (aten.constant_pad_nd.default, (torch.ones(3, dtype=torch.int64), [1, 2], 0)),
        (aten.adaptive_max_pool2d.default, (torch.rand(1, 2, 5, 5), [0, 2])),
        (aten.adaptive_max_pool2d.default, (torch.rand(2, 5, 5), [2, 2])),
    ],
)
def test_padding_and_pooling_of_other_kinds_are_left_to_torch(func, args, declines):
    declines(func, args)


def test_adaptive_maxima_come_with_their_places(agrees):
    agrees(aten.adaptive_max_pool2d.default, (torch.rand(1, 2, 7, 5), [3, 2]))
    agrees(aten.adaptive_max_pool3d.default, (torch.rand(1, 2, 4, 7, 5), [2, 3, 2]))
