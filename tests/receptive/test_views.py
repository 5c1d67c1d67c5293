"""Writes into views agree with float64 gradients of the same code."""

import numpy as np
import pytest
import torch
from torch import nn

from agreement import disagreement
from networks import Apply, claimed
from netwright.analysis.memory import memory
from netwright.receptive.fields import fields
from netwright.receptive.unread import unread
from netwright.trace.record import record


def wide(x):
    """Return a new map with a field of its own, which is safe to write into."""
    weight = torch.ones(x.shape[1], x.shape[1], 3, dtype=x.dtype, device=x.device)
    return nn.functional.conv1d(x, weight, padding=1)


def augmented(x):
    y = wide(x)
    y[:, 0] += x[:, 1].flip(-1)
    return y


def scaled(x):
    y = wide(x)
    y.view(-1).mul_(2)
    return y


def rectified(x):
    y = wide(x)
    y[:, :2].relu_()
    return y


def emptied(x):
    y = wide(x)
    y[:, :, 2:4] = 0
    return y


def doubled_through_a_transpose(x):
    y = wide(x)
    y.transpose(1, 2)[:, :2].add_(x.flip(2).transpose(1, 2)[:, :2])
    return y


def interleaved(x):
    y = torch.zeros(x.shape[0], x.shape[1], 2 * x.shape[2], dtype=x.dtype, device=x.device)
    y[:, :, ::2] = x
    y[:, :, 1::2] = x.flip(2)
    return y


def later_views_see_it(x):
    y = wide(x)
    part = y[:, :1]
    y[:, 0, :3] = x[:, 1, -3:]
    return part * 1


def siblings_stay_apart(x):
    y = wide(x)
    first, second = y[:, :2], y.narrow(1, 2, 2)
    first.copy_(x[:, :2].flip(2))
    return second * 1


def siblings_that_overlap(x):
    y = wide(x)
    left, middle = y[:, :, :4], y[:, :, 2:5]
    left += x[:, :, -4:]
    return middle * 1


def in_place_on_the_base(x):
    y = wide(x)
    part = y.select(1, 1)
    y += x.flip(2)
    return part * 1


def picked_and_narrowed(x):
    y = wide(x)
    y.select(1, 0).narrow(1, 1, 2).copy_(x[:, 1, -2:])
    y.unsqueeze(0).flatten(0, 1)[:, 3].zero_()
    return y


def narrowed_from_the_end(x):
    y = wide(x)
    y.narrow(-1, -2, 2).add_(x[:, :, :2])
    return y


def twice_through_two_views(x):
    y = wide(x)
    y[:, :2] = x[:, :2].flip(2)
    y[:, 1:3] += x[:, :2]
    return y


def new_axes(x):
    y = wide(x)
    y[:, None, 1] = x[:, 2:3]
    y[..., 0] = x[:, :, -1]
    y[:, 0:2] = x[0, 0]
    return y


EXACT = {
    function.__name__: function
    for function in (
        augmented, scaled, rectified, emptied, doubled_through_a_transpose, interleaved, later_views_see_it,
        siblings_stay_apart, siblings_that_overlap, in_place_on_the_base, picked_and_narrowed,
        narrowed_from_the_end,
        twice_through_two_views, new_axes,
    )
}  # fmt: skip


@pytest.mark.parametrize("function", EXACT.values(), ids=EXACT)
def test_the_sets_after_a_write_are_those_of_the_gradient(function):
    assert disagreement(function, (4, 6)) == ""


def diagonal(x):
    y = wide(x)
    y.diagonal(0, 1, 2).add_(x[:, :, -1])
    return y


def by_data(x):
    y = wide(x)
    y[:, torch.tensor([0, 2])] = x[:, 1:3].flip(2)
    return y


def narrowed_by_data(x):
    y = wide(x)
    y.narrow(2, torch.tensor(2), 2).mul_(x[:, :, :2])
    return y


@pytest.mark.parametrize("function", [diagonal, by_data, narrowed_by_data])
def test_the_sets_contain_the_gradient_where_a_view_is_not_followed(function):
    assert disagreement(function, (4, 6), exact=False) == ""


def test_the_field_is_unknown_after_a_write_through_a_view_without_a_reader():
    def function(x):
        y = wide(x)
        y.as_strided((1, 4, 3), (24, 6, 1)).add_(x[:, :, -3:])
        return y

    graph = record(Apply("strided", function), (4, 6))
    assert fields(graph, ((2,),))[graph.outputs[0].key].text() == "unknown (as_strided)"


PIECES = {
    "chunk": lambda y: y.chunk(2, 1)[1],
    "split": lambda y: y.split([2, 1, 1], 1)[1],
    "tensor_split": lambda y: y.tensor_split(2, 1)[0],
    "unbind": lambda y: y.unbind(1)[3],
}
SLICES = {
    "chunk": lambda y: y[:, 2:],
    "split": lambda y: y[:, 2:3],
    "tensor_split": lambda y: y[:, :2],
    "unbind": lambda y: y[:, 3],
}


@pytest.mark.parametrize("name", PIECES)
def test_writes_into_pieces_are_followed_as_writes_into_the_same_slices(name):
    """Torch allows writes into pieces without gradients only, so there is no gradient to compare with."""

    def written(view):
        def function(x):
            y = wide(x)
            with torch.no_grad():
                view(y).mul_(view(x.flip(2)))
            return y

        graph = record(Apply(name, function), (4, 6))
        assert graph.failure is None
        reach = fields(graph, ((2,),)).reach(graph.outputs[0].key, 0, 2, support=True)
        assert not reach.bound
        return claimed(reach)

    np.testing.assert_array_equal(written(PIECES[name]), written(SLICES[name]))


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (lambda y: y[:, :2], "3 /1 -1"),
        (lambda y: y.view(-1, 6), "3 /1 -1"),
        (lambda y: y[:, :, 1:], "3 /1 -1"),
    ],
)
def test_a_write_of_the_same_field_leaves_the_field_as_it_is(view, expected):
    """Many networks apply an activation to a view in place; this gives neither a bound nor holes."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(4, 4, 3, padding=1)

        def forward(self, x):
            y = self.conv(x)
            view(y).relu_()
            return y

    graph = record(Net(), (4, 6))
    assert fields(graph)[graph.outputs[0].key].text() == expected


class Halves(nn.Module):
    """The first half of the channels is rectified in place, then all are read."""

    def __init__(self):
        super().__init__()
        self.conv, self.head = nn.Conv1d(4, 4, 3, padding=1), nn.Conv1d(4, 2, 1)

    def forward(self, x):
        y = self.conv(x)
        y[:, :2].relu_()
        return self.head(y)


def test_the_write_is_on_the_way_from_the_input_to_the_output():
    """What is read after the write was made by it, so that no rule calls the write dead."""
    graph = record(Halves(), (4, 6))
    relu = next(op for op in graph.ops if op.name == "relu")
    head = graph.ops[-1]
    ((before, since),) = relu.touched
    assert head.inputs[0] == since
    assert since.producer == relu.index
    assert before.producer == 0
    assert since.storage == before.storage
    assert since.shape == (1, 4, 6)


def test_disjoint_siblings_are_not_touched_and_plain_in_place_functions_touch_nothing():
    class Plain(nn.Module):
        def forward(self, x):
            y = x * 2
            first, second = y[:, :2], y[:, 2:]
            second.relu_()
            return first + second

    relu = next(op for op in record(Plain(), (4, 6)).ops if op.inplace)
    assert [before.shape for before, _ in relu.touched] == [(1, 4, 6)]
    for op in record(nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace=True)), (3,)).ops:
        assert op.touched == ()


def test_positions_that_only_a_write_reads_are_read():
    def function(x):
        y = x[:, :, :4] * 1
        y[:, :, 0] += x[:, :, -1]
        return y

    graph = record(nn.Sequential(nn.Conv1d(4, 4, 1), Apply("write", function)), (4, 6))
    (gone,) = unread(fields(graph))
    assert gone.positions == ((4,),)


def test_gradients_pass_through_a_write_and_are_freed():
    """The memory estimate of a write is at most that of the same network without writes."""

    class Apart(Halves):
        def forward(self, x):
            y = self.conv(x)
            return self.head(torch.cat([y[:, :2].relu(), y[:, 2:]], 1))

    written, apart = (memory(record(net, (4, 600), batch=8)) for net in (Halves(), Apart()))
    one_map = 8 * 4 * 600 * 4
    assert 2 * one_map < written.backward <= apart.backward
