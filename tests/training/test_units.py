"""Stored values of every type become inputs of mean 0 and deviation 1."""

import pytest
import torch

from cells import data
from netwright.training.units import Units

CPU = torch.device("cpu")


@pytest.mark.parametrize("dtype", [torch.uint8, torch.uint16, torch.int16, torch.float64])
def test_values_of_every_type_keep_their_range(dtype):
    known = data(dtype=dtype)
    units = Units(known, CPU, torch.float32)
    image = known.train.inputs[0][None]
    scaled = units(image)
    assert scaled.dtype == (torch.uint8 if dtype == torch.uint8 else torch.float32)
    expected = (image.double() / known.range[1] - 0.2) / 0.15
    assert (units.normalised(scaled).double() - expected).abs().max() < 1e-5


def test_a_range_that_does_not_begin_at_zero_becomes_0_to_1():
    known = data(dtype=torch.float32)
    shifted = type(known)(**vars(known) | {"range": (-1000.0, 3000.0)})
    units = Units(shifted, CPU, torch.float32)
    assert units(torch.tensor([-1000.0, 1000.0, 3000.0])).tolist() == [0.0, 0.5, 1.0]


def test_images_take_the_memory_format_and_the_precision():
    units = Units(data(), CPU, torch.bfloat16, torch.channels_last)
    inputs = units.normalised(torch.zeros(2, 1, 4, 4, dtype=torch.uint8))
    assert inputs.dtype == torch.bfloat16
    assert inputs.is_contiguous(memory_format=torch.channels_last)
