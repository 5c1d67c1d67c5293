"""What a network gives for the examples of a data set."""

import pytest
import torch
from torch import nn

from netwright.errors import SpecError
from netwright.training.output import grid, input_shape, output_shape
from tiny import Net, data


def test_the_shape_leaves_the_batch_out_and_the_network_as_it_was():
    net = Net().train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    assert output_shape(net, (1, 8, 8), "net") == (10,)
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_a_network_of_other_inputs_is_refused_by_name():
    with pytest.raises(SpecError, match="`net` cannot read inputs of 3x8x8"):
        output_shape(Net(), (3, 8, 8), "net")


def test_a_network_of_several_outputs_is_refused():
    class Pair(nn.Module):
        def forward(self, x):
            return x, x

    with pytest.raises(SpecError, match="`pair` returns a tuple; training needs one tensor"):
        output_shape(Pair(), (1, 8, 8), "pair")


def test_an_output_without_space_has_no_grid():
    assert grid(Net(), (1, 8, 8), (10,)) is None


def test_a_smaller_output_lies_where_its_windows_lie():
    net = nn.Conv2d(1, 2, (3, 5))
    assert output_shape(net, (1, 8, 8), "net") == (2, 6, 4)
    assert [axis.crop for axis in grid(net, (1, 8, 8), (2, 6, 4)).axes] == [slice(1, 7), slice(2, 6)]


def test_a_network_reads_windows_where_there_are_any():
    assert input_shape(data(channels=3), None) == (3, 8, 8)
    assert input_shape(data(channels=3), (4, 6)) == (3, 4, 6)
