"""A module is measured in one real run of a copy."""

import pytest
import torch
from torch import nn

from netwright.trace.measure import measure
from netwright.trace.record import record


def test_values_are_those_of_the_module_itself():
    torch.manual_seed(0)
    net, x = nn.Sequential(nn.Linear(8, 4), nn.Tanh()), torch.randn(3, 8)
    graph, seen = measure(net, x, torch.clone)
    assert torch.equal(seen[graph.ops[0].outputs[0].key], net[0](x))
    assert torch.equal(seen[graph.outputs[0].key], net(x))


def test_what_an_in_place_operation_overwrites_was_seen_before():
    net, x = nn.Sequential(nn.Linear(8, 4), nn.ReLU(inplace=True)), torch.randn(3, 8)
    graph, seen = measure(net, x, torch.clone)
    before, after = (seen[op.outputs[0].key] for op in graph.ops)
    assert (before < 0).any()
    assert torch.equal(after, before.relu())


def test_shapes_become_the_same_normal_numbers_at_every_call():
    first, second = (
        measure(nn.Identity(), (4096,), torch.clone, batch=2)[0].inputs[0].shape for _ in range(2)
    )
    assert first == second == (2, 4096)

    def values():
        graph, seen = measure(nn.Flatten(), (1, 4096), torch.clone)
        return seen[graph.outputs[0].key]

    assert torch.equal(values(), values())
    assert values().mean().abs() < 0.1
    assert values().std() == pytest.approx(1, abs=0.1)


def test_the_module_its_buffers_and_random_states_stay_as_they_were():
    net = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Dropout()).eval()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    random = torch.get_rng_state()
    graph, _ = measure(net, (8,), torch.clone, batch=4, training=True)
    assert graph.training
    assert not net.training
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())


def test_the_graph_is_the_recorded_one_with_the_same_ops():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
    measured, seen = measure(net, (3, 8, 8), torch.numel, batch=2)
    recorded = record(net, (3, 8, 8), batch=2)
    assert [op.name for op in measured.ops] == [op.name for op in recorded.ops]
    assert [op.macs for op in measured.ops] == [op.macs for op in recorded.ops]
    assert list(seen.values()) == [op.outputs[0].elements for op in recorded.ops]


def test_looking_needs_no_gradient():
    graph, seen = measure(nn.Linear(2, 2), (2,), lambda tensor: (tensor * 2).requires_grad)
    assert graph.outputs[0].requires_grad
    assert set(seen.values()) == {False}


def test_a_forward_pass_that_raises_gives_what_was_seen_up_to_there():
    net = nn.Sequential(nn.Linear(4, 4), nn.Linear(3, 4))
    graph, seen = measure(net, (4,), torch.clone)
    assert graph.failure is not None
    assert len(seen) == 1
