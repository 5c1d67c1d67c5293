"""A network is tried on the data's shape before it trains."""

from pathlib import Path

import pytest
import torch
from torch import nn

from netwright.data.task import Classification
from netwright.errors import SpecError, TrustError
from netwright.spec import restore
from netwright.training.network import network
from tiny import SPEC, Net, data

TASK = Classification(10)


def test_a_spec_is_built_for_the_data():
    spec, net = network("mlp", data(classes=7), Classification(7))
    assert spec == "mlp"
    assert net(torch.zeros(2, 1, 8, 8)).shape == (2, 7)


def test_a_spec_that_was_trained_here_may_later_be_built_from_its_run(tmp_path: Path):
    (tmp_path / "own.py").write_text("from tiny import Net\n")
    spec = f"{tmp_path}/own.py:Net"
    with pytest.raises(TrustError):
        restore(spec)
    network(spec, data(), TASK)
    assert type(restore(spec)).__name__ == "Net"


def test_a_module_is_taken_as_it_is():
    given = Net()
    assert network(given, data(), TASK) == (None, given)


def test_the_trial_leaves_no_trace():
    given = Net().train()
    before = {name: value.clone() for name, value in given.state_dict().items()}
    state = torch.get_rng_state()
    network(given, data(), TASK)
    assert given.training
    assert all(torch.equal(value, before[name]) for name, value in given.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())


def test_inputs_it_cannot_read_are_named():
    with pytest.raises(SpecError, match=r"cannot read inputs of 3x8x8"):
        network(SPEC, data(channels=3), TASK)


def test_an_output_that_does_not_fit_the_task_is_refused():
    with pytest.raises(SpecError, match="does not fit"):
        network(Net(classes=3), data(), TASK)


def test_an_output_that_is_no_tensor_is_refused():
    class Pair(nn.Module):
        def forward(self, x):
            return x, x

    with pytest.raises(SpecError, match="yields a tuple"):
        network(Pair(), data(), TASK)
