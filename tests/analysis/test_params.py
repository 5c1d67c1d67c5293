"""Each parameter counts once, wherever it is reached from."""

import torch
from torch import nn

from netwright.analysis.params import by_module, count, seen
from netwright.trace.record import record


def test_a_tied_weight_counts_once_and_in_both_modules():
    net = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False))
    net[1].weight = net[0].weight
    graph = record(net, (4,))
    assert count(seen(graph)).total == 16 == sum(p.numel() for p in net.parameters())
    assert by_module(graph) == {"": {"0.weight"}, "0": {"0.weight"}, "1": {"0.weight"}}


def test_frozen_parameters_are_not_trainable_and_bytes_follow_the_dtype():
    net = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2).half())
    net[0].weight.requires_grad_(False)
    counted = count(seen(record(net, (4,))))
    assert (counted.total, counted.trainable, counted.bytes) == (23, 11, 15 * 4 + 8 * 2)


def test_hidden_parameters_are_not_those_of_the_network():
    net = nn.Sequential(nn.Linear(2, 2))
    net.heads = [nn.Linear(2, 9)]
    graph = record(net, (2,))
    assert count(seen(graph)).total == 6
    assert by_module(graph)["heads[0]"] == {"heads[0].weight", "heads[0].bias"}


def test_a_module_under_two_paths_belongs_to_both_parents():
    block = nn.Linear(2, 2)
    net = nn.ModuleDict({"a": nn.Sequential(block), "b": nn.Sequential(block)})
    net.forward = lambda x: net["b"](net["a"](x))
    names = by_module(record(net, torch.zeros(1, 2)))
    assert names["a"] == names["b"] == names[""] == {"a.0.weight", "a.0.bias"}


def test_nothing_counts_as_nothing():
    assert count([]).total == 0
