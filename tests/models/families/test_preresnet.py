"""Pre-activation residual networks."""

import pytest
from torch import nn

from models.counting import layers, on_meta, params, runs
from netwright.analysis.macs import macs
from netwright.blocks.preactivation import PreBasic
from netwright.errors import UsageError
from netwright.models.families.preresnet import preresnet, preresnet200


def test_164_layers_have_the_published_parameters_and_macs():
    net = on_meta("preresnet164")
    assert params(net) == 1_703_258
    assert round(macs(net, (3, 32, 32)) / 1e6, 3) == 247.647


def test_1001_layers_have_the_published_parameters():
    assert params("preresnet1001") == 10_327_706


def test_200_layers_for_photographs_have_the_published_parameters():
    net = on_meta("preresnet200")
    assert params(net) == 64_666_280
    assert layers(net) == 200 + 4


def test_depth_counts_weighted_layers_of_either_block():
    assert layers(on_meta("preresnet164")) == 164 + 3
    assert layers(on_meta("preresnet110")) == 110 + 2


def test_the_last_sum_is_normed_and_rectified_and_no_block_rectifies_its_own():
    net = preresnet(11, width=2)
    assert [type(m) for m in net.stages[-1]] == [nn.BatchNorm2d, nn.ReLU]
    assert net.stages[-1][0].num_features == 32


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_one_forward_and_backward_in_any_dimension(dims: int):
    small = {"width": 2, "dims": dims, "channels": 1, "classes": 3}
    assert runs(lambda: preresnet(11, **small), 1, *[8] * dims).shape == (2, 3)
    assert runs(lambda: preresnet(8, block=PreBasic, **small), 1, *[8] * dims).shape == (2, 3)


def test_the_photograph_network_runs_too():
    assert runs(lambda: preresnet200(width=1, channels=1, classes=3), 1, 33, 33).shape == (2, 3)


def test_an_invalid_depth_is_refused():
    with pytest.raises(UsageError, match=r"`depth` \(=163\) must be 9n \+ 2; the nearest are 155 and 164"):
        preresnet(163)
