"""Plain and residual networks for small images, against the published counts."""

import pytest
import torch
from torch import nn

from netwright.analysis.macs import macs
from netwright.blocks.residual import Bottleneck, OriginalBottleneck, option_b
from netwright.errors import UsageError
from netwright.models.families.resnet import plain, resnet

PUBLISHED = {
    20: (269_722, 40.551),
    32: (464_154, 68.863),
    44: (658_586, 97.174),
    56: (853_018, 125.486),
    110: (1_727_962, 252.888),
}


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize("depth", PUBLISHED)
def test_parameters_and_macs_are_the_published_ones(depth: int):
    with torch.device("meta"):
        net = resnet(depth)
    params, millions = PUBLISHED[depth]
    assert count(net) == params
    assert round(macs(net, (3, 32, 32)) / 1e6, 3) == millions


@pytest.mark.parametrize("depth", [20, 56])
def test_without_shortcuts_parameters_and_macs_are_the_same(depth: int):
    with torch.device("meta"):
        net = plain(depth)
    params, millions = PUBLISHED[depth]
    assert count(net) == params
    assert round(macs(net, (3, 32, 32)) / 1e6, 3) == millions


def test_the_deepest_has_19_million_parameters():
    with torch.device("meta"):
        assert count(resnet(1202)) == 19_421_274


def test_every_six_layers_cost_the_same_so_the_deepest_costs_2829_million():
    """Counted where it is quick; 1202 layers are 200 such steps."""
    cost = [macs(resnet(depth, width=16), (3, 32, 32)) for depth in (8, 14, 20)]
    step = cost[1] - cost[0]
    assert cost[2] - cost[1] == step
    assert round((cost[0] + 199 * step) / 1e6, 3) == 2829.239


def test_option_b_adds_2752_parameters():
    with torch.device("meta"):
        assert count(resnet(20, shortcut=option_b)) - count(resnet(20)) == 2_752


@pytest.mark.parametrize("build", [plain, resnet])
def test_depth_counts_weighted_layers(build):
    net = build(20, width=2)
    assert sum(isinstance(m, nn.Conv2d | nn.Linear) for m in net.modules()) == 20


def test_bottlenecks_of_either_kind_make_9n_plus_2():
    for block in (Bottleneck, OriginalBottleneck):
        net = resnet(29, block=block, width=2)
        assert sum(isinstance(m, nn.Conv2d | nn.Linear) for m in net.modules()) == 29


@pytest.mark.parametrize(
    ("build", "depth", "message"),
    [
        (resnet, 21, r"`depth` \(=21\) must be 6n \+ 2; the nearest are 20 and 26"),
        (plain, 2, r"`depth` \(=2\) must be 6n \+ 2; the nearest are 8 and 14"),
    ],
)
def test_an_invalid_depth_is_refused_with_the_nearest(build, depth: int, message: str):
    with pytest.raises(UsageError, match=message):
        build(depth)


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("build", [plain, resnet])
def test_one_forward_and_backward_in_any_dimension(build, dims: int):
    net = build(8, width=2, dims=dims, channels=1, classes=3)
    y = net(torch.randn(2, 1, *[4] * dims))
    assert y.shape == (2, 3)
    y.square().sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_weights_are_drawn_for_rectifiers():
    """He 2015b: standard deviation √(2 / fan-out)."""
    weight = resnet(8, width=64).stages[0][0].first.conv.weight
    assert weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.02)
