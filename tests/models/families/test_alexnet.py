"""AlexNet."""

import pytest

from models.counting import layers, on_meta, params, runs
from netwright.analysis.macs import macs
from netwright.errors import UsageError
from netwright.models.families.alexnet import alexnet


def test_parameters_are_those_of_the_two_column_network():
    """Krizhevsky 2012 says 60 million; in two groups, and with biases, it is this."""
    assert params("alexnet") == 60_965_224
    assert layers(on_meta("alexnet")) == 8


def test_macs_follow_from_the_map_sizes():
    """55, 27, 13, 13, 13, with half of the channels where there are two groups."""
    convolutions = 55**2 * 96 * 363 + 27**2 * 256 * 48 * 25 + 13**2 * 9 * (384 * 256 + 384 * 192 + 256 * 192)
    assert macs(on_meta("alexnet"), (3, 227, 227)) == convolutions + 9216 * 4096 + 4096**2 + 4096 * 1000


def test_one_forward_and_backward_at_the_smallest_size():
    small = {"width": 6, "hidden": 8, "channels": 1, "size": 67, "classes": 3}
    assert runs(lambda: alexnet(**small), 1, 67, 67).shape == (2, 3)


def test_what_does_not_fit_is_refused():
    with pytest.raises(UsageError, match=r"`size` \(=64\) leaves no map .* take 67 or more"):
        alexnet(size=64)
    with pytest.raises(UsageError, match=r"`width` \(=64\) must be a multiple of 6; take 66"):
        alexnet(width=64)
