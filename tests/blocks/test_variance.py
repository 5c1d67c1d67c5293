"""Starting values scaled by data."""

import pytest
import torch
from torch import nn

from netwright.blocks.initialise import initialise
from netwright.blocks.variance import scale_by_data
from netwright.errors import UsageError


def deep() -> nn.Module:
    torch.manual_seed(0)
    layers = [layer for _ in range(12) for layer in (nn.Linear(32, 32), nn.Tanh())]
    return initialise(nn.Sequential(*layers), {"linear": "normal"})


def outputs(net: nn.Sequential, x: torch.Tensor) -> list[float]:
    variances = []
    for layer in net:
        x = layer(x)
        if isinstance(layer, nn.Linear | nn.Conv2d):
            variances.append(x.var().item())
    return variances


def test_every_layer_s_output_has_variance_one():
    x = torch.randn(64, 32)
    assert max(outputs(deep(), x)) < 0.1
    assert outputs(scale_by_data(deep(), x), x) == pytest.approx([1.0] * 12, rel=1e-3)


def test_convolutions_and_biases_are_scaled_together():
    net, x = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3)), torch.randn(4, 3, 9, 9) * 50
    direction = net[0](x)
    scale_by_data(net, x)
    assert outputs(net, x) == pytest.approx([1.0, 1.0], rel=1e-3)
    torch.testing.assert_close(net[0](x), direction / direction.std(), atol=1e-4, rtol=1e-4)


def test_modes_statistics_and_hooks_are_left_as_they_were():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout())
    net[1].eval()
    scale_by_data(net, torch.randn(2, 3, 5, 5))
    assert [module.training for module in net.modules()] == [True, True, False, True]
    assert not net[1].running_mean.any()
    assert not net[0]._forward_hooks


def test_a_layer_called_twice_is_scaled_once():
    shared = nn.Linear(8, 8, bias=False)
    x = torch.randn(50, 8)
    before = shared.weight.clone()
    scale_by_data(nn.Sequential(shared, nn.ReLU(), shared), x)
    torch.testing.assert_close(shared.weight, before / (x @ before.T).std())


def test_a_silent_layer_is_named():
    net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    initialise(net[1], {"*": "zeros"})
    with pytest.raises(UsageError, match=r"output of Linear\(in_features=4, out_features=2.* does not vary"):
        scale_by_data(net, torch.randn(5, 3))
    assert not net[0]._forward_hooks
