"""Rows follow the modules in the order they ran; sums of what is under a row are its own."""

import torch
import torch.nn.functional as F
from torch import nn

from netwright.analysis.tree import tree
from netwright.trace.inputs import Input
from netwright.trace.record import record
from reference import ViT, resnet


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = nn.Linear(4, 2)
        self.unused = nn.Linear(7, 7)
        self.first = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())

    def forward(self, x):
        y = F.relu(self.first(x)).mean((2, 3))
        return self.last(self.last.weight.new_zeros(1, 4) + y)


def rows(net, shape, **options):
    return tree(record(net, shape, **options)).all


def test_rows_stand_in_the_order_they_ran_and_what_never_ran_comes_last():
    paths = [row.path for row in rows(Net(), (3, 8, 8))]
    assert paths == ["", "first", "first.0", "first.1", ":relu", ":mean", ":add", "last", "unused"]


def test_a_module_that_is_one_operation_has_one_row():
    conv = next(row for row in rows(Net(), (3, 8, 8)) if row.path == "first.0")
    assert (conv.kind, conv.op, conv.outputs, conv.children) == ("Conv2d", "conv2d", ((4, 6, 6),), ())
    assert (conv.inputs, conv.params) == (((3, 8, 8),), 112)


def test_sums_hold_at_every_row():
    for net, shape in ((resnet([1, 1, 1, 1], True), (3, 64, 64)), (ViT(True, 32, 2, 2, 16, 4), (3, 16, 16))):
        for row in rows(net, shape):
            if row.children:
                assert row.macs == sum(child.macs for child in row.children)
                assert row.saved == sum(child.saved for child in row.children)
                assert row.params >= max(child.params for child in row.children)


def test_a_module_called_twice_has_one_row_with_both_costs():
    layer = nn.Linear(4, 4)
    found = rows(nn.Sequential(layer, nn.ReLU(), layer), (4,))
    assert [(row.path, row.calls, row.macs, row.aliases) for row in found[1:]] == [
        ("0", 2, 32, ("2",)),
        ("1", 1, 0, ()),
    ]
    assert found[0].params == 20


def test_shapes_leave_the_batch_out_and_scalars_have_none():
    class Loss(nn.Module):
        def forward(self, x, y):
            return F.cross_entropy(x, y)

    found = rows(Loss(), [(5,), Input((), torch.int64)], batch=3)
    assert found[1].inputs == ((5,), ())
    assert found[1].outputs == ((),)


def test_a_network_that_is_one_layer_keeps_both_rows():
    assert [row.kind for row in rows(nn.Linear(2, 2), (2,))] == ["Linear", "linear"]
