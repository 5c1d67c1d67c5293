"""The origin of a tensor is described in words."""

import torch
from torch import nn

from netwright.analysis.cause.history import folded_by, history, made_by, parting, place
from netwright.trace.record import record


class Fork(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.left = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)

    def forward(self, x):
        stem = self.stem(x)
        return self.left(stem), stem.relu().mul(2)


def test_branches_part_at_the_last_tensor_they_share():
    graph = record(Fork(), (3, 9, 9))
    common, one, other = parting(graph, *graph.outputs)
    assert common == graph.ops[0].outputs[0]
    assert [text.split(" at ")[0] for text in one] == [
        "  1x4x5x5 from `left` (Conv2d, " + str(graph.modules["left"].built) + ")"
    ]
    assert [text.split(" at ")[0] for text in other] == ["  1x4x7x7 from `relu`", "  1x4x7x7 from `mul`"]


def test_a_branch_that_skips_has_no_steps():
    graph = record(Fork(), (3, 9, 9))
    _, one, _ = parting(graph, graph.ops[0].outputs[0], graph.outputs[0])
    assert one == ("  no operation",)


def test_inputs_and_layers_are_named():
    graph = record(Fork(), (3, 9, 9))
    assert made_by(graph, graph.inputs[0]) == "the input"
    assert made_by(graph, graph.ops[0].inputs[1]) == "the parameter `stem.weight`"
    assert place(graph, "") == "Fork"
    assert place(graph, "stem") == "`stem` (Conv2d)"


def test_a_history_is_cut_to_its_last_steps():
    net = nn.Sequential(*(nn.ReLU() for _ in range(9)))
    graph = record(net, (3,))
    assert len(history(graph, graph.outputs[0], 4)) == 4
    assert history(graph, graph.outputs[0], 99)[0] == "1x3 from the input"


def test_the_view_that_merged_the_batch_is_named():
    class Folding(nn.Module):
        def forward(self, x):
            return torch.relu(x.view(-1, 8))

    graph = record(Folding(), (4, 8))
    assert folded_by(graph, graph.outputs[0]) == graph.inputs[0]
    assert folded_by(graph, graph.inputs[0]) is None
