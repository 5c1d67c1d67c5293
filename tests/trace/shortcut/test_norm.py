"""Norms give the output and the statistics that torch saves."""

import pytest
import torch
import torch.nn.functional as F

from netwright.trace.shortcut import SHORTCUTS

aten = torch.ops.aten
X = torch.rand(3, 4, 5, 6)
LAST = X.to(memory_format=torch.channels_last)
NORM = (torch.ones(4), torch.zeros(4), torch.zeros(4), torch.ones(4))


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten.native_batch_norm.default, (X, *NORM, True, 0.1, 1e-5)),
        (aten.native_batch_norm.default, (LAST, *NORM, True, 0.1, 1e-5)),
        (aten.native_batch_norm.default, (X, *NORM, False, 0.1, 1e-5)),
        (aten.native_batch_norm.default, (X, None, None, None, None, True, 0.1, 1e-5)),
        (aten.native_layer_norm.default, (X, (5, 6), torch.ones(5, 6), None, 1e-5)),
        (aten.native_layer_norm.default, (X, (6,), None, None, 1e-5)),
        (aten.native_group_norm.default, (X, None, None, 3, 4, 30, 2, 1e-5)),
    ],
)
def test_a_norm_keeps_the_shape_and_one_statistic_a_group(func, args, agrees):
    agrees(func, args)


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten.native_batch_norm.default, (X, torch.ones(5), None, None, None, True, 0.1, 1e-5)),
        (aten.native_layer_norm.default, (X, (7,), None, None, 1e-5)),
        (aten.native_group_norm.default, (X, None, None, 3, 4, 30, 3, 1e-5)),
    ],
)
def test_a_norm_of_the_wrong_size_is_left_to_torch(func, args, declines):
    declines(func, args)


def test_half_precision_statistics_have_the_shape_torch_keeps():
    half = X.to(torch.bfloat16)
    real = torch.native_layer_norm(half, (6,), None, None, 1e-5)[1]
    short = SHORTCUTS[aten.native_layer_norm.default](half.to("meta"), (6,), None, None, 1e-5)
    assert short[1].shape == real.shape
    assert F.layer_norm(half, (6,)).dtype is short[0].dtype is torch.bfloat16
