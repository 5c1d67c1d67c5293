"""What an input must have in common with those of the training."""

import numpy as np
import pytest

from netwright.errors import DataError
from netwright.prediction.suited import arranged, outside, require, unsuited

BYTES, DEEP = (0.0, 255.0), (0.0, 65535.0)


@pytest.mark.parametrize(
    ("shape", "input", "arrangement"),
    [
        ((3, 20, 30), (1, 64, 64, 64), (1, 3, 20, 30)),  # a volume of three slices, read as channels
        ((1, 6, 100), (6, 100), (6, 100)),  # a signal of six channels, read as a grey image
        ((1, 20, 30), (1, 8, 8), (1, 20, 30)),
        ((3, 20, 30), (1, 8, 8), (3, 20, 30)),
        ((1, 1, 100), (1, 100), (1, 1, 100)),
    ],
)
def test_axes_that_were_read_otherwise_are_put_right(shape, input, arrangement):
    assert arranged(np.zeros(shape), input).shape == arrangement


def test_other_channels_and_axes_are_named_with_both_shapes():
    byte = np.dtype(np.uint8)
    assert unsuited((1, 20, 30), byte, (1, 8, 8), BYTES) == ""
    reason = unsuited((3, 20, 30), byte, (1, 8, 8), BYTES)
    assert (
        reason
        == "it is 3x20x30 (a coloured image), and the network was trained on 1x8x8 (a grey image); convert it"
    )
    assert "1x9x20x30 (a volume of 1 channel)" in unsuited((1, 9, 20, 30), byte, (1, 8, 8), BYTES)
    assert "6x100 (a signal of 6 channels)" in unsuited((1, 8, 8), byte, (6, 100), BYTES)


def test_bytes_do_not_fit_a_training_on_other_values():
    assert unsuited((1, 8, 8), np.dtype(np.uint16), (1, 8, 8), DEEP) == ""
    assert "uint8, and those of the training go from 0 to 65535" in unsuited(
        (1, 8, 8), np.dtype(np.uint8), (1, 8, 8), DEEP
    )


@pytest.mark.parametrize(
    ("values", "range", "reason"),
    [
        (np.array([0, 255], np.uint8), BYTES, ""),
        (np.array([0.0, 250.0]), BYTES, ""),
        (np.array([0, 200], np.uint16), BYTES, ""),
        (np.array([0.0, 1.0]), BYTES, "float64 from 0 to 1, and those of the training go from 0 to 255"),
        (np.array([0, 9000], np.uint16), BYTES, "uint16 from 0 to 9000"),
        (np.array([-4, 90], np.int16), BYTES, "int16 from -4 to 90"),
        (np.array([0.0, 1.0]), (0.0, 0.97), ""),  # what occurred in a training on floats is no limit
    ],
)
def test_values_on_another_scale_are_named(values, range, reason):
    found = outside(values, range)
    assert reason in found
    assert bool(reason) == bool(found)


def test_a_refusal_names_the_place():
    with pytest.raises(DataError, match=r"`x\.png` does not fit the run: its values are float64 from 0 to 1"):
        require(np.linspace(0, 1, 64).reshape(1, 8, 8), (1, 8, 8), BYTES, "`x.png`")
    require(np.zeros((1, 9, 9), np.uint8), (1, 8, 8), BYTES, "")
