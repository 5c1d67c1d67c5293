"""The network of a training is built for its data, and refused where it does not fit."""

import pytest
import torch
from torch import nn

from netwright.data.tasks.classification import Classification
from netwright.errors import SpecError
from netwright.training.preparation import network
from tiny import SPEC, Net, data

TASK = Classification(10)


def test_a_spec_is_built_for_the_data():
    spec, net, grid = network("mlp", data(classes=7), Classification(7), (1, 8, 8))
    assert (spec, grid) == ("mlp", None)
    assert net(torch.zeros(2, 1, 8, 8)).shape == (2, 7)


def test_a_module_is_taken_as_it_is():
    given = Net()
    assert network(given, data(), TASK, (1, 8, 8)) == (None, given, None)


def test_the_trial_of_a_network_leaves_no_trace():
    given = Net().train()
    before = {name: value.clone() for name, value in given.state_dict().items()}
    state = torch.get_rng_state()
    network(given, data(), TASK, (1, 8, 8))
    assert given.training
    assert all(torch.equal(value, before[name]) for name, value in given.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())


def test_inputs_that_the_network_cannot_read_are_named():
    with pytest.raises(SpecError, match=r"cannot read inputs of 3x8x8"):
        network(SPEC, data(channels=3), TASK, (3, 8, 8))


def test_an_output_that_does_not_fit_the_task_is_refused():
    with pytest.raises(SpecError, match="does not fit the task"):
        network(Net(classes=3), data(), TASK, (1, 8, 8))


def test_a_network_without_anything_to_train_is_refused():
    with pytest.raises(SpecError, match="`Net` has no parameter that requires a gradient"):
        network(Net().requires_grad_(False), data(), TASK, (1, 8, 8))


def test_an_output_that_is_not_a_tensor_is_refused():
    class Pair(nn.Module):
        def forward(self, x):
            return x, x

    with pytest.raises(SpecError, match="returns a tuple"):
        network(Pair(), data(), TASK, (1, 8, 8))
