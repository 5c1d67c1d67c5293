"""VGG."""

import pytest
from torch import nn

from models.counting import layers, on_meta, params, runs
from netwright.analysis.macs import macs
from netwright.blocks.norm import batch
from netwright.errors import UsageError
from netwright.models.families.vgg import vgg

PUBLISHED = {11: 133, 13: 133, 16: 138, 19: 144}
"""Table 2: millions of parameters."""


@pytest.mark.parametrize("depth", PUBLISHED)
def test_depth_and_parameters_are_those_of_the_tables(depth: int):
    net = on_meta(f"vgg{depth}")
    assert layers(net) == depth
    assert round(params(net) / 1e6) == PUBLISHED[depth]


def test_vgg16_has_exactly_what_its_released_weights_have():
    net = on_meta("vgg16")
    assert params(net) == 138_357_544
    assert macs(net, (3, 224, 224)) == 15_470_264_320


def test_one_forward_and_backward_with_and_without_norm():
    small = {"width": 2, "hidden": 4, "channels": 1, "size": 32, "classes": 3}
    assert runs(lambda: vgg(11, **small), 1, 32, 32).shape == (2, 3)
    assert runs(lambda: vgg(11, norm=batch, **small), 1, 32, 32).shape == (2, 3)


def test_a_norm_takes_the_biases_of_the_convolutions():
    net = on_meta("vgg11(norm='batch')")
    assert all(m.bias is None for m in net.modules() if isinstance(m, nn.Conv2d))


def test_what_does_not_fit_is_refused():
    with pytest.raises(UsageError, match=r"`depth` \(=12\) can be 11, 13, 16, 19"):
        vgg(12)
    with pytest.raises(UsageError, match=r"`size` \(=100\) must be a multiple of 32; pad to 128"):
        vgg(11, size=100)
