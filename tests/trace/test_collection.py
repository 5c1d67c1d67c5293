"""The garbage collector waits while a network is recorded, and works as before afterwards."""

import gc

import pytest
import torch
from torch import nn

from netwright.trace.collection import collecting_later
from netwright.trace.record import measure, record


class Asking(nn.Module):
    def __init__(self, fails):
        super().__init__()
        self.fails = fails

    def forward(self, x):
        Asking.enabled = gc.isenabled()
        return x + torch.zeros(99) if self.fails else x + 1


@pytest.fixture(params=[True, False], ids=["enabled", "disabled"])
def enabled(request):
    """Give the test a collector that is enabled or disabled, and enable it again."""
    (gc.enable if request.param else gc.disable)()
    yield request.param
    gc.enable()


@pytest.mark.parametrize("fails", [False, True])
def test_a_run_without_data_is_not_searched_for_garbage(enabled, fails):
    assert bool(record(Asking(fails), (3,)).failure) is fails
    assert Asking.enabled is False
    assert gc.isenabled() is enabled


def test_a_run_with_data_is_searched_as_the_caller_wants(enabled):
    measure(Asking(fails=False), (3,), lambda tensor: None)
    assert Asking.enabled is enabled


def test_the_collector_is_as_before_after_an_exception(enabled):
    with pytest.raises(KeyError), collecting_later():
        raise KeyError
    assert gc.isenabled() is enabled
