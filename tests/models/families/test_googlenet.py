"""GoogLeNet."""

import math

import pytest
import torch
from torch import nn

from models.counting import layers, on_meta, params, runs
from netwright.analysis.macs import macs
from netwright.blocks.initialise import he
from netwright.errors import UsageError
from netwright.models.families.googlenet import TABLE, googlenet


def test_parameters_and_macs_are_the_published_ones():
    net = on_meta("googlenet")
    assert params(net) == 6_998_552
    assert round(macs(net, (3, 224, 224)) / 1e9, 3) == 1.583


def test_the_sizes_are_those_of_table_1():
    with torch.device("meta"):
        net, x = googlenet(), torch.empty(1, 3, 224, 224)
        shapes = []
        for part in net:
            x = part(x)
            shapes.append(tuple(x.shape[1:]))
    assert shapes[0] == (192, 28, 28)
    assert (480, 28, 28) in shapes
    assert (832, 14, 14) in shapes
    assert shapes[-2:] == [(1024, 7, 7), (1000,)]


def test_the_table_has_nine_blocks_and_two_layers_each():
    """22 layers with parameters on a path: 3 in the stem, 18, and the linear one."""
    assert sum(map(len, TABLE)) == 9
    assert layers(on_meta("googlenet")) == 3 + 9 * 6 + 1


def test_one_forward_and_backward_with_and_without_norm():
    small = {"width": 8, "channels": 1, "classes": 3}
    assert runs(lambda: googlenet(**small), 1, 32, 32).shape == (2, 3)
    normed = on_meta("googlenet(norm='batch')")
    assert layers(normed, (nn.BatchNorm2d,)) == 3 + 9 * 6


def test_a_width_that_does_not_divide_is_refused():
    with pytest.raises(UsageError, match=r"`width` \(=30\) must be a multiple of 8; take 32"):
        googlenet(width=30)


def test_untrained_it_is_not_sure_of_anything():
    """Nine blocks without norms: drawn for the outputs, activations would grow at every reduction."""

    def loss(net):
        logits = net(torch.randn(4, 3, 96, 96))
        return (logits.logsumexp(1) - logits.mean(1)).mean().item()

    torch.manual_seed(0)
    assert loss(googlenet(classes=10)) < 3 * math.log(10)
    assert loss(he(googlenet(classes=10))) > 20 * math.log(10)
