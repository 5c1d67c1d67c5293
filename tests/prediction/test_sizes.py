"""The sizes that a network takes besides its own."""

import pytest
from torch import nn

import unexportable
from netwright.prediction.sizes import Sizes, sizes
from netwright.prediction.subject import subject


def test_every_axis_grows_by_another_length():
    assert sizes(subject(unexportable.Resized(), (3, 6, 6))) == Sizes((0, 1), (7, 8))


@pytest.mark.parametrize("multiple", [2, 8])
def test_a_size_that_must_be_a_multiple_grows_by_one(multiple):
    class Net(nn.PixelUnshuffle):
        pass

    known = sizes(subject(Net(multiple), (3, 16, 16)))
    assert known == Sizes((0, 1), (16 + multiple, 16 + 2 * multiple))


def test_a_network_of_squares_grows_equally():
    class Squares(nn.Module):
        def forward(self, x):
            return x + x.mT

    assert sizes(subject(Squares(), (3, 6, 6))) == Sizes((0, 1), (70, 70))


def test_an_axis_that_can_change_alone_is_free():
    known = sizes(subject(unexportable.Columns(), (3, 6, 6)))
    assert (known.axes, known.other) == ((1,), (6, 7))
    assert known.fixed.startswith("the network does not read 3x7x8 at ")


def test_a_network_of_one_size_says_where_it_fails():
    known = sizes(subject(nn.Sequential(nn.Flatten(), nn.Linear(12, 2)), (3, 4)))
    assert (known.axes, known.other) == ((), (4,))
    assert "3x5: RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x15 and 12x2)" in known.fixed


def test_a_network_without_axes_of_space_has_no_size():
    assert sizes(subject(nn.Linear(5, 2), (5,))) == Sizes((), ())
