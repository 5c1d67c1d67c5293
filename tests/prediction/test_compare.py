"""Outputs of a file beside those of the network."""

import pytest
import torch
from torch import nn

import unexportable
from netwright.errors import ExportError, UsageError
from netwright.prediction.compare import DifferenceError, compared, difference, require
from netwright.prediction.subject import subject


def given(net):
    return subject(net, (3, 6, 6))


@pytest.mark.parametrize(
    ("net", "error", "reason"),
    [
        ("Pair", ExportError, "gives a tuple; a graph has one tensor. Export a module that returns the one"),
        ("Named", ExportError, "gives a dict; a graph has one tensor"),
        ("Noisy", ExportError, "another output for the same input the second time"),
        ("Counts", ExportError, "it draws random numbers, or keeps a state between calls"),
        ("TwoInputs", UsageError, r"does not read inputs of 3x6x6: TypeError: .* missing 1 required"),
    ],
)
def test_what_cannot_be_compared_is_refused(net, error, reason):
    with pytest.raises(error, match=reason):
        require(given(getattr(unexportable, net)()))


def test_a_network_of_one_steady_tensor_is_taken_also_if_it_is_not_a_number_or_writes_into_its_input():
    for net in (unexportable.Classes(), unexportable.Written(), nn.Identity()):
        require(given(net))

    class Nothing(nn.Module):
        def forward(self, x):
            return x * torch.nan

    require(given(Nothing()))


def test_several_batches_and_another_size_are_compared():
    seen = []

    def run(x):
        seen.append(tuple(x.shape))
        return x * 1.5

    assert compared(given(nn.Identity()), run, (7, 8)) == (pytest.approx(0.5, rel=1e-4), 6)
    assert seen == [(1, 3, 6, 6), (3, 3, 6, 6), (2, 3, 7, 8)]


def test_another_shape_is_a_difference():
    with pytest.raises(DifferenceError, match="gives 1x3x6 for 1x3x6x6, not 1x3x6x6"):
        compared(given(nn.Identity()), lambda x: x[..., 0], None)


def test_a_network_that_writes_into_its_input_leaves_that_of_the_file_alone():
    torch.manual_seed(0)
    net, twin = unexportable.Written(), unexportable.Written()
    twin.load_state_dict(net.state_dict())
    with torch.no_grad():
        assert compared(given(net), twin, None)[0] < 1e-6


@pytest.mark.parametrize(
    ("mine", "theirs", "gap"),
    [
        ([2.0, -4.0], [2.0, -3.0], 0.25),
        ([0.0, 0.0], [0.0, 0.0], 0.0),
        ([1.0, 1.0], [1.0, torch.nan], float("inf")),
        ([], [], 0.0),
        ([1, 2, 3, 4], [1, 2, 3, 5], 0.25),
        ([True, False], [True, True], 0.5),
    ],
)
def test_the_difference_is_relative_and_of_classes_a_share(mine, theirs, gap):
    assert difference(torch.tensor(mine), torch.tensor(theirs)) == gap
