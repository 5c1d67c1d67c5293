"""Norms by name against their formulas."""

import pytest
import torch
from torch.nn import functional as F

from netwright.blocks.norm import NORMS, batch, group, instance, layer, none


def standard(x: torch.Tensor, axes: tuple[int, ...]) -> torch.Tensor:
    variance = x.var(axes, keepdim=True, unbiased=False)
    return (x - x.mean(axes, keepdim=True)) / (variance + 1e-5).sqrt()


@pytest.fixture(params=[1, 2, 3])
def x(request) -> torch.Tensor:
    return torch.randn(3, 6, *[4] * request.param) * 3 + 1


def test_batch_is_over_batch_and_space(x):
    dims = x.ndim - 2
    torch.testing.assert_close(batch(6, dims)(x), standard(x, (0, *range(2, x.ndim))))


def test_instance_is_over_space(x):
    torch.testing.assert_close(instance(6, x.ndim - 2)(x), standard(x, tuple(range(2, x.ndim))))


def test_layer_is_over_channels_and_space_as_torch_has_it(x):
    torch.testing.assert_close(layer(6, x.ndim - 2)(x), F.layer_norm(x, x.shape[1:]))


def test_group_is_over_each_group_and_space(x):
    grouped = x.view(3, 2, 3, *x.shape[2:])
    expected = standard(grouped, tuple(range(2, grouped.ndim))).view_as(x)
    torch.testing.assert_close(group(6, x.ndim - 2, groups=2)(x), expected)


@pytest.mark.parametrize(("channels", "groups"), [(64, 32), (48, 16), (3, 1), (7, 1)])
def test_group_takes_the_largest_number_of_groups_that_divides(channels: int, groups: int):
    assert group(channels, 2).num_groups == groups


def test_none_changes_nothing_and_every_name_is_a_part(x):
    assert none(6, x.ndim - 2)(x) is x
    assert [NORMS[name](6, x.ndim - 2)(x).shape for name in NORMS] == [x.shape] * 5


def test_every_norm_but_none_learns_scale_and_shift():
    sizes = {name: [tuple(p.shape) for p in NORMS[name](6, 2).parameters()] for name in NORMS}
    assert sizes == {name: [(6,), (6,)] if name != "none" else [] for name in NORMS}
