"""DenseNets."""

import pytest
import torch
from torch import nn

from models.counting import layers, on_meta, params, runs
from netwright.analysis.macs import macs
from netwright.errors import UsageError
from netwright.models.families.densenet import densenet, densenet_bc


def test_bc_100_12_has_the_published_parameters():
    assert params("densenet_bc100") == 769_162


@pytest.mark.parametrize(("depth", "growth", "millions"), [(250, 24, 15.3), (190, 40, 25.6)])
def test_the_larger_ones_are_those_of_table_2(depth: int, growth: int, millions: float):
    assert round(params(f"densenet_bc(depth={depth}, growth={growth})") / 1e6, 1) == millions


def test_121_has_the_published_parameters_and_macs():
    net = on_meta("densenet121")
    assert params(net) == 7_978_856
    assert round(macs(net, (3, 224, 224)) / 1e9, 3) == 2.834


@pytest.mark.parametrize(("depth", "count"), [(161, 28_681_000), (169, 14_149_480), (201, 20_013_928)])
def test_the_others_have_what_their_released_weights_have(depth: int, count: int):
    assert params(f"densenet{depth}") == count


@pytest.mark.parametrize("name", ["densenet121", "densenet201", "densenet_bc100"])
def test_depth_counts_weighted_layers(name: str):
    assert layers(on_meta(name), (nn.Conv2d, nn.Linear)) == int(name.removeprefix("densenet").lstrip("_bc"))


def test_the_maps_shrink_as_in_table_1():
    with torch.device("meta"):
        net, x = densenet(121), torch.empty(1, 3, 224, 224)
        assert net.stem(x).shape == (1, 64, 56, 56)
        assert net.stages(net.stem(x)).shape == (1, 1024, 7, 7)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_one_forward_and_backward_in_any_dimension(dims: int):
    small = {"growth": 2, "dims": dims, "channels": 1, "classes": 3}
    assert runs(lambda: densenet_bc(10, **small), 1, *[8] * dims).shape == (2, 3)


def test_the_photograph_network_runs_too():
    assert runs(lambda: densenet(121, growth=2, channels=1, classes=3), 1, 64, 64).shape == (2, 3)


def test_an_invalid_depth_is_refused():
    with pytest.raises(UsageError, match=r"`depth` \(=99\) must be 6n \+ 4; the nearest are 94 and 100"):
        densenet_bc(99)
    with pytest.raises(UsageError, match=r"`depth` \(=120\) can be 121, 161, 169, 201"):
        densenet(120)
