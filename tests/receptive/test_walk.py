"""One pass over a graph computes the reach of each tensor when it is made, and of the outputs at the end."""

import numpy as np
import pytest
import torch
from torch import nn

from networks import claimed
from netwright.receptive.walk import walk
from netwright.trace.record import record


class Twice(nn.Module):
    """A convolution along rows, one along columns, and a tensor that reads nothing."""

    def __init__(self):
        super().__init__()
        self.rows, self.columns = nn.Conv2d(1, 1, (3, 1)), nn.Conv2d(1, 1, (1, 3))

    def forward(self, x):
        return self.columns(self.rows(x)) + torch.ones(1)


def test_each_axis_of_each_input_is_walked_by_itself():
    graph = record(Twice(), (1, 8, 8))
    walked = walk(graph, ((2, 3),))
    assert set(walked) == {(0, 2), (0, 3)}
    key = graph.ops[0].outputs[0].key
    assert walked[0, 2][key].spans()[1].tolist() == [0, 1, 2, 3, 4, 5]
    assert (walked[0, 2][key].spans()[2] - walked[0, 2][key].spans()[1] == 2).all()
    assert (walked[0, 3][key].spans()[2] - walked[0, 3][key].spans()[1] == 0).all()


def test_a_tensor_that_reads_nothing_of_the_input_has_no_entry():
    graph = record(Twice(), (1, 8, 8))
    (reaches,) = walk(graph, ((2,),)).values()
    ones = next(op for op in graph.ops if op.name == "ones").outputs[0]
    assert ones.key not in reaches
    assert all(info.key not in reaches for op in graph.ops for info in op.inputs if info.parameter)


def test_supports_and_hulls_agree_on_the_ends():
    graph = record(Twice(), (1, 8, 8))
    key = graph.outputs[0].key
    hull, support = (walk(graph, ((2,),), support=kind)[0, 2][key] for kind in (False, True))
    rows = claimed(support)
    _, lo, hi = hull.spans()
    assert sorted(set(rows.argmax(1).tolist())) == lo.tolist()
    assert sorted(set((7 - rows[:, ::-1].argmax(1)).tolist())) == hi.tolist()


@pytest.mark.parametrize("strict", [True, False])
def test_only_the_norms_named_read_what_they_take_statistics_of(strict):
    net = nn.Sequential(nn.GroupNorm(1, 2), nn.Conv1d(2, 2, 1), nn.GroupNorm(1, 2))
    graph = record(net, (2, 6))
    norms = frozenset(op.index for op in graph.ops if op.name == "group_norm")
    first = min(norms)
    walked = walk(graph, ((2,),), strict=frozenset({first}) if strict else frozenset())[0, 2]
    assert claimed_whole(walked[graph.ops[first].outputs[0].key]) is strict
    assert claimed_whole(walked[graph.outputs[0].key]) is strict


def claimed_whole(reach):
    _, lo, hi = reach.spans()
    return bool((lo == 0).all() and (hi == reach.length - 1).all())


def test_an_operation_whose_reader_does_not_give_the_recorded_shape_is_unknown():
    """Here the data decide the size, so that there is no reach rather than one of another shape."""

    class Chosen(nn.Module):
        def forward(self, x):
            return x[x > 0]

    graph = record(Chosen(), torch.tensor([[1.0, -1.0, 2.0]]))
    (reaches,) = walk(graph, ((1,),)).values()
    reach = reaches.get(graph.outputs[0].key)
    assert reach is None or reach.unknown or reach.bound


def test_maps_of_the_same_size_share_their_sets():
    """Rows and columns of a square image are computed once."""
    graph = record(nn.Conv2d(1, 1, 3), (1, 8, 8))
    walked = walk(graph, ((2, 3),))
    rows, columns = (walked[0, axis][graph.outputs[0].key].terms[0][1] for axis in (2, 3))
    assert rows is columns
    assert np.array_equal(rows.array[0], np.arange(6))
