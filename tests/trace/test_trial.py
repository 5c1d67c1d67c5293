"""A trial tells whether a network runs on an input, and leaves the network as it was."""

import copy
import random

import pytest
import torch
from torch import nn

from netwright.models.registry import entries
from netwright.spec import load
from netwright.trace.record import record
from netwright.trace.trial import runs


class Merging(nn.Module):
    """Halve and double a map, then add the map itself, which fits for even sizes only."""

    def __init__(self):
        super().__init__()
        self.down = nn.MaxPool2d(2)
        self.up = nn.Upsample(scale_factor=2)

    def forward(self, x):
        return x + self.up(self.down(x))


class Made(nn.Module):
    """Make a tensor without naming a device, which a record follows and a trial does not."""

    def forward(self, x):
        return x + torch.arange(x.shape[-1])


@pytest.mark.parametrize("size", [6, 7, 8, 9])
def test_it_agrees_with_torch_on_which_sizes_fail(size):
    net = Merging()
    try:
        net(torch.zeros(1, 2, size, size))
        expected = True
    except RuntimeError:
        expected = False
    assert runs(net, (2, size, size)) is expected


@pytest.mark.parametrize("name", ["resnet20", "unet_same", "densenet121", "vit_tiny", "lenet5"])
def test_networks_that_are_recorded_without_failure_run(name):
    entry = entries()[name]
    net = load(entry.name)
    assert record(net, entry.input).failure is None
    assert runs(net, entry.input)


def test_it_may_say_no_where_a_record_knows_more():
    assert record(Made(), (3,)).failure is None
    assert not runs(Made(), (3,))


def test_a_single_example_fails_a_batch_norm_in_training_only():
    net = nn.Sequential(nn.Conv2d(2, 3, 4), nn.BatchNorm2d(3))
    assert runs(net, (2, 4, 4), training=False)
    assert not runs(net, (2, 4, 4), training=True)
    assert runs(net, (2, 4, 4), training=True, batch=2)


@pytest.mark.parametrize("size", [6, 7])
def test_the_network_and_the_random_states_stay_as_they_were(size):
    net = nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2), nn.Dropout(), Merging())
    before = copy.deepcopy(net.state_dict()), torch.get_rng_state(), random.getstate()
    assert runs(net, (2, size, size), batch=2, training=True) is (size == 6)
    assert all(torch.equal(before[0][key], value) for key, value in net.state_dict().items())
    assert torch.equal(before[1], torch.get_rng_state())
    assert before[2] == random.getstate()
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in net.modules())
