"""Rows follow the modules in the order they ran, and a row has the sums of the rows under it."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from netwright import summary
from netwright.analysis.document import document
from netwright.analysis.memory import memory
from netwright.analysis.table import text
from netwright.analysis.tree import inexact, tree
from netwright.trace.inputs import Input
from netwright.trace.record import record
from reference import ViT, resnet
from saved import saved


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


def test_rows_are_in_the_order_they_ran_and_what_never_ran_comes_last():
    paths = [row.path for row in rows(Net(), (3, 8, 8))]
    assert paths == ["", "first", "first.0", "first.1", ":relu", ":mean", ":add", "last", "unused"]


def test_a_module_that_is_one_operation_has_one_row():
    conv = next(row for row in rows(Net(), (3, 8, 8)) if row.path == "first.0")
    assert (conv.kind, conv.op, conv.outputs, conv.children) == ("Conv2d", "conv2d", ((4, 6, 6),), ())
    assert (conv.inputs, conv.params) == (((3, 8, 8),), 112)


def test_each_row_is_the_sum_of_the_rows_under_it():
    for net, shape in ((resnet([1, 1, 1, 1], True), (3, 64, 64)), (ViT(True, 32, 2, 2, 16, 4), (3, 16, 16))):
        for row in rows(net, shape):
            if row.children:
                assert row.macs == sum(child.macs for child in row.children)
                assert row.saved == sum(child.saved for child in row.children)
                assert row.params >= max(child.params for child in row.children)


def test_a_module_called_twice_has_one_row_with_both_costs():
    layer = nn.Linear(4, 4)
    called = rows(nn.Sequential(layer, nn.ReLU(), layer), (4,))
    assert [(row.path, row.calls, row.macs, row.aliases) for row in called[1:]] == [
        ("0", 2, 32, ("2",)),
        ("1", 1, 0, ()),
    ]
    assert called[0].params == 20


def test_shapes_leave_the_batch_out_and_scalars_have_none():
    class Loss(nn.Module):
        def forward(self, x, y):
            return F.cross_entropy(x, y)

    loss = rows(Loss(), [(5,), Input((), torch.int64)], batch=3)
    assert loss[1].inputs == ((5,), ())
    assert loss[1].outputs == ((),)


def test_a_network_that_is_one_layer_keeps_both_rows():
    assert [row.kind for row in rows(nn.Linear(2, 2), (2,))] == ["Linear", "linear"]


RECURRENT = {
    "LSTM": lambda: nn.LSTM(6, 5, batch_first=True),
    "LSTM of two layers": lambda: nn.LSTM(6, 5, 2),
    "LSTM in double precision": lambda: nn.LSTM(6, 5).double(),
    "LSTM with projections": lambda: nn.LSTM(6, 5, proj_size=3),
    "GRU": lambda: nn.GRU(6, 5, 2),
    "GRU both ways, batch first": lambda: nn.GRU(6, 5, bidirectional=True, batch_first=True),
    "RNN both ways": lambda: nn.RNN(6, 5, bidirectional=True),
    "RNN both ways, batch first": lambda: nn.RNN(6, 5, bidirectional=True, batch_first=True),
    "LSTM cell": lambda: nn.LSTMCell(6, 5),
    "no recurrence": lambda: nn.Linear(6, 5),
}


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("name", RECURRENT)
def test_saved_bytes_are_those_of_a_real_run_or_marked_as_inexact(name):
    net = RECURRENT[name]()
    dtype = next(net.parameters()).dtype
    x = torch.randn(3, 6, dtype=dtype) if "cell" in name else torch.randn(3, 9, 6, dtype=dtype)
    graph = record(net, x)
    reasons = [reason for op in graph.ops if (reason := inexact(op))]
    assert reasons or memory(graph).saved == saved(net, x)


@pytest.mark.parametrize("name", ["LSTM in double precision", "GRU", "RNN both ways", "no recurrence"])
def test_what_is_exact_is_not_called_inexact(name):
    net = RECURRENT[name]()
    x = torch.randn(3, 9, 6, dtype=next(net.parameters()).dtype)
    assert not any(map(inexact, record(net, x).ops))


def test_without_gradients_nothing_is_saved_and_nothing_inexact():
    assert not any(map(inexact, record(nn.LSTM(6, 5).requires_grad_(False), (9, 6)).ops))


def test_inexact_bytes_are_marked_in_the_row_the_footer_and_the_document():
    facts = summary(nn.Sequential(nn.Linear(4, 6), nn.LSTM(6, 5, batch_first=True)), (9, 4))
    assert [bool(row.inexact) for row in facts.rows] == [True, False, True]
    lines = text(facts).splitlines()
    assert sum("  ~ " in line for line in lines[:4]) == 2
    assert any(line.startswith("~            lstm: counted as saved by torch's own kernel") for line in lines)
    content = document(facts)
    assert [bool(row["saved_inexact"]) for row in content["rows"]] == [True, False, True]
    assert "oneDNN" in content["totals"]["saved_inexact"][0]
