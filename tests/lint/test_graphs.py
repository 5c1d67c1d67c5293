"""What rules ask of a recorded graph, on small networks whose answers are plain to see."""

import pytest
import torch
from torch import nn

from netwright.lint import graphs
from netwright.lint.network import Network
from netwright.lint.run import check
from netwright.trace.families import CONVOLUTIONS
from netwright.trace.record import record


class Forgetful(nn.Module):
    """One convolution counts, the other's result is dropped."""

    def __init__(self):
        super().__init__()
        self.kept = nn.Conv2d(4, 4, 3, stride=2, padding=1, dilation=1, groups=4)
        self.lost = nn.Conv2d(4, 8, (1, 3))

    def forward(self, x):
        self.lost(x)
        return torch.relu(self.kept(x))


def convolutions():
    graph = record(Forgetful(), (4, 9, 9))
    return graph, {op.module: op for op in graph.ops if op.name in CONVOLUTIONS}


def test_only_what_reaches_an_output_is_living():
    graph, reported = convolutions()
    living = graphs.living(graph)
    assert reported["kept"].index in living
    assert reported["lost"].index not in living


def test_an_in_place_change_of_what_is_returned_is_living():
    class Doubled(nn.Module):
        def forward(self, x):
            y = x + 1
            y.mul_(2)
            return y

    graph = record(Doubled(), (3,))
    assert graphs.living(graph) == {op.index for op in graph.ops}


def test_depthwise_is_one_channel_a_group():
    _, reported = convolutions()
    assert graphs.depthwise(reported["kept"])
    assert not graphs.depthwise(reported["lost"])


def test_axes_are_those_the_layer_was_built_with():
    _, reported = convolutions()
    assert graphs.axes(reported["lost"]) == [(9, 1, 1, (0, 0), 1), (9, 3, 1, (0, 0), 1)]
    assert graphs.axes(reported["kept"]) == [(9, 3, 2, (1, 1), 1)] * 2


def test_a_weight_that_is_computed_from_a_parameter_is_not_taken():
    class Scaled(nn.Linear):
        def forward(self, x):
            return nn.functional.linear(x, self.weight * 2)

    _, reported = convolutions()
    assert graphs.weight(reported["kept"]).parameter == "kept.weight"
    linear = next(op for op in record(Scaled(3, 2), (3,)).ops if op.name == "linear")
    assert graphs.weight(linear) is None


def test_inside_takes_a_module_and_its_submodules_only():
    net = nn.Sequential()
    net.add_module("a", nn.Sequential(nn.Linear(3, 3), nn.ReLU()))
    net.add_module("ab", nn.Linear(3, 2))
    paths = {op.module for op in graphs.inside(record(net, (3,)), "a")}
    assert paths == {"a.0", "a.1"}


def test_every_tensor_of_a_plain_network_has_a_known_origin():
    assert graphs.complete(convolutions()[0])


class Split(nn.Module):
    """A map is normalised, cut in two halves, and one or both are convolved; it may be returned as well."""

    def __init__(self, halves, returned=False):
        super().__init__()
        self.halves, self.returned = halves, returned
        self.norm, self.conv = nn.BatchNorm2d(4), nn.Conv2d(2, 4, 1, stride=2)

    def forward(self, x):
        y = self.norm(x)
        parts = y.chunk(2, dim=1)
        reported = [self.conv(part) for part in parts[: self.halves]]
        return (*reported, y) if self.returned else tuple(reported)


@pytest.mark.parametrize(
    ("net", "expected"), [(Split(1), False), (Split(2), True), (Split(1, returned=True), True)]
)
def test_a_map_has_another_reader_if_a_sibling_part_or_the_caller_has_it(net, expected):
    network = Network.of(net.eval(), (4, 8, 8))
    conv = next(op for op in network.graph.ops if op.name == "conv2d")
    assert graphs.read_before(network, conv.inputs[0]) is expected


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_what_a_scripted_function_reads_is_unknown():
    swish = torch.jit.script(scripted_later)

    class Scripted(nn.Sequential):
        def forward(self, x):
            return swish(super().forward(x))

    assert not graphs.complete(record(Scripted(nn.Linear(4, 4)), (4,)))
    assert check(Scripted(nn.Linear(4, 4)), (4,), select=["NW202", "NW205"]) == []


def scripted_later(x):
    return x * x.sigmoid()


def test_memory_that_is_filled_later_is_known():
    class Filled(nn.Sequential):
        def forward(self, x):
            y = torch.empty(2, 8)
            y[:, :4] = super().forward(x)
            return y

    assert graphs.complete(record(Filled(nn.Linear(4, 4)), (4,), batch=2))
