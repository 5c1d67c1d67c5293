"""What a network gives for the examples of a data set."""

import pytest
import torch
from torch import nn

from netwright.errors import SpecError
from netwright.spec import load
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


@pytest.mark.parametrize(
    ("spec", "given", "larger"),
    [
        ("unet_same(width=2)", (1, 12, 40), r"1x16x40: enlarge the inputs \(images by --size 40\)"),
        ("unet(width=2, depth=1)", (1, 8, 8), r"1x18x18: "),
        ("unet_same(width=2, dims=3, depth=2)", (1, 3, 8, 8), r"1x4x8x8: enlarge the inputs or change"),
        ("mlp(size=9, channels=1)", (1, 8, 8), "1x9x9: "),
    ],
)
def test_a_size_that_the_network_reads_is_named(spec, given, larger):
    with pytest.raises(
        SpecError, match=rf"cannot read inputs of {'x'.join(map(str, given))}: .*; it reads {larger}"
    ):
        output_shape(load(spec), given, spec)
    assert output_shape(load("unet_same(width=2)"), (1, 16, 40), "net") == (2, 16, 40)


def test_no_size_is_named_where_none_is_read():
    with pytest.raises(SpecError) as raised:
        output_shape(Net(), (3, 8, 8), "net")
    assert "it reads" not in str(raised.value)


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
