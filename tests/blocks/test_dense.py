"""Dense blocks."""

import torch
from torch import nn

from netwright.blocks.dense import DenseBlock, DenseLayer, Transition
from netwright.blocks.pooling import maximum


def test_what_came_in_comes_out_in_front_of_what_is_new():
    x = torch.randn(2, 4, 5, 5)
    y = DenseBlock(4, 3, 2)(x)
    torch.testing.assert_close(y[:, :4], x)


def test_each_layer_sees_all_before_it():
    """Growing by 2 from 4 channels, the layers take 4, 6 and 8 (Huang 2017, section 3)."""
    block = DenseBlock(4, 3, 2)
    assert [layer.reduce.conv.in_channels for layer in block] == [4, 6, 8]


def test_a_layer_reduces_to_four_times_its_growth():
    layer = DenseLayer(30, 12)
    assert layer.reduce.conv.weight.shape == (48, 30, 1, 1)
    assert layer.spatial.conv.weight.shape == (12, 48, 3, 3)


def test_a_transition_is_norm_activation_1x1_and_average():
    block, x = Transition(6, 3), torch.randn(2, 6, 8, 8)
    point = block[0]
    y = nn.functional.conv2d(point.norm(x).relu(), point.conv.weight)
    torch.testing.assert_close(block(x), nn.functional.avg_pool2d(y, 2))


def test_a_transition_takes_another_pooling():
    assert isinstance(Transition(6, 3, pool=maximum)[1], nn.MaxPool2d)
