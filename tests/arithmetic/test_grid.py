"""Where the positions of an output lie in the input."""

from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F

from netwright.arithmetic.grid import Axis, Grid


def test_the_unet_of_valid_convolutions_reads_the_central_388_of_572_pixels():
    """Ronneberger 2015, figure 1."""
    grid = Grid.regular((572, 572), (388, 388))
    assert [axis.crop for axis in grid.axes] == [slice(92, 480)] * 2
    assert (grid.input, grid.output, grid.identity) == ((572, 572), (388, 388), False)


@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_the_crop_is_where_a_valid_mean_of_the_pixels_is_centred(kernel):
    """The mean of an odd window of a ramp is the value at its centre."""
    ramp = torch.arange(20.0).view(1, 1, -1)
    output = F.avg_pool1d(ramp, kernel, 1)[0, 0]
    (axis,) = Grid.regular((20,), (len(output),)).axes
    assert torch.equal(ramp[0, 0, axis.crop], output)


@pytest.mark.parametrize("stride", [2, 3, 4])
def test_positions_of_a_stride_are_centred_in_their_pixels(stride):
    ramp = torch.arange(24.0).view(1, 1, -1)
    means = F.avg_pool1d(ramp, stride)[0, 0]
    (axis,) = Grid.regular((24,), (len(means),), stride).axes
    assert axis.offset == Fraction(stride - 1, 2)
    assert [float(axis.offset + i * axis.stride) for i in range(axis.size)] == means.tolist()
    assert axis.crop is None


def test_a_position_between_two_pixels_has_no_crop():
    assert Axis(Fraction(1), Fraction(1, 2), 4, 5).crop is None
    assert Axis(Fraction(1), Fraction(-1), 4, 5).crop is None


def test_an_output_of_the_size_of_the_input_is_the_identity():
    assert Grid.regular((5, 6, 7), (5, 6, 7)).identity
