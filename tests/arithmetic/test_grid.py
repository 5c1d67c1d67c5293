"""Where the positions of an output lie in the input."""

from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

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


def test_positions_beyond_the_last_pixel_have_no_crop():
    assert Axis(Fraction(1), Fraction(0), 6, 5).crop is None


def test_an_output_of_the_size_of_the_input_is_the_identity():
    assert Grid.regular((5, 6, 7), (5, 6, 7)).identity


AXES = st.builds(
    Axis,
    st.sampled_from([Fraction(1, 4), Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(5)]),
    st.fractions(-3, 6, max_denominator=4),
    st.integers(1, 9),
    st.integers(1, 12),
)


@given(AXES)
def test_the_pixel_of_a_position_is_the_nearest_one(axis: Axis):
    for position, pixel in enumerate(axis.pixels()):
        centre = axis.offset + position * axis.stride
        distances = [abs(other - centre) for other in range(axis.input)]
        if pixel >= 0:
            assert distances[pixel] == min(distances) <= Fraction(1, 2)
        else:
            assert min(distances) >= Fraction(1, 2)


@given(AXES)
def test_the_position_of_a_pixel_is_the_nearest_one_and_covers_it(axis: Axis):
    for pixel, position in enumerate(axis.positions()):
        distances = [abs(axis.offset + other * axis.stride - pixel) for other in range(axis.size)]
        if position >= 0:
            assert distances[position] == min(distances) <= axis.stride / 2
        else:
            assert min(distances) >= axis.stride / 2


@given(AXES)
def test_every_pixel_that_a_position_was_taken_from_leads_back_to_that_pixel(axis: Axis):
    pixels, positions = axis.pixels(), axis.positions()
    for pixel in pixels:
        if pixel >= 0 and positions[pixel] >= 0:
            assert pixels[positions[pixel]] == pixel
        assert pixel < 0 or positions[pixel] >= 0 or axis.stride < 1


@given(AXES)
def test_a_crop_is_the_pixels_of_its_positions(axis: Axis):
    if axis.crop is not None:
        assert list(range(axis.input))[axis.crop] == [pixel for pixel in axis.pixels() if pixel >= 0]
