"""Raw values in: the normalisation of the training is the first operation."""

import pytest
import torch
from torch import nn

from netwright.prediction.raw import Raw
from netwright.training.loader import Units
from tiny import data


def test_raw_bytes_become_what_the_training_saw():
    given = data(channels=3)
    stored = given.train.inputs[:5]
    units = Units(given, torch.device("cpu"), torch.float32)
    raw = Raw(nn.Identity(), range=given.range, mean=given.mean, std=given.std, axes=2)
    torch.testing.assert_close(raw(stored.float()), units.normalised(units(stored)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(2, 1, 9), (2, 1, 4, 5), (2, 1, 3, 4, 5)])
def test_inputs_of_any_dimension_are_scaled_by_range_mean_and_deviation(shape):
    x = torch.rand(shape) * 300 - 100
    raw = Raw(nn.Identity(), range=(-100.0, 200.0), mean=[0.25], std=[0.5], axes=len(shape) - 2)
    torch.testing.assert_close(raw(x), ((x + 100) / 300 - 0.25) / 0.5, rtol=1e-5, atol=1e-5)


def test_a_constant_channel_is_only_shifted():
    raw = Raw(nn.Identity(), range=(7.0, 7.0), mean=[0.0], std=[0.0], axes=1)
    assert raw(torch.full((1, 1, 2), 7.0)).tolist() == [[[0.0, 0.0]]]


def test_values_far_from_zero_keep_their_differences():
    """A million and a few: one product and one sum in float32 would be wrong in the second digit."""
    x = torch.tensor([[[1_000_000.0, 1_000_001.0, 1_000_004.0]]])
    raw = Raw(nn.Identity(), range=(1_000_000.0, 1_000_004.0), mean=[0.5], std=[0.25], axes=1)
    assert raw(x).tolist() == [[[-2.0, -1.0, 2.0]]]
