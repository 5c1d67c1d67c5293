"""What recurrent kernels keep is said to be inexact wherever a real run on the CPU keeps something else."""

import pytest
import torch
from torch import nn

from netwright import summary
from netwright.analysis.document import document
from netwright.analysis.kernels import inexact
from netwright.analysis.memory import memory
from netwright.analysis.table import text
from netwright.trace.record import record
from saved import saved

NETS = {
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
@pytest.mark.parametrize("name", NETS)
def test_saved_bytes_are_those_of_a_real_run_or_said_to_be_inexact(name):
    net = NETS[name]()
    dtype = next(net.parameters()).dtype
    x = torch.randn(3, 6, dtype=dtype) if "cell" in name else torch.randn(3, 9, 6, dtype=dtype)
    graph = record(net, x)
    reasons = [reason for op in graph.ops if (reason := inexact(op))]
    assert reasons or memory(graph).saved == saved(net, x)


@pytest.mark.parametrize("name", ["LSTM in double precision", "GRU", "RNN both ways", "no recurrence"])
def test_what_is_exact_is_not_called_inexact(name):
    net = NETS[name]()
    x = torch.randn(3, 9, 6, dtype=next(net.parameters()).dtype)
    assert not any(map(inexact, record(net, x).ops))


def test_without_gradients_nothing_is_saved_and_nothing_inexact():
    assert not any(map(inexact, record(nn.LSTM(6, 5).requires_grad_(False), (9, 6)).ops))


def test_the_row_the_foot_and_the_document_say_so():
    found = summary(nn.Sequential(nn.Linear(4, 6), nn.LSTM(6, 5, batch_first=True)), (9, 4))
    assert [bool(row.inexact) for row in found.rows] == [True, False, True]
    lines = text(found).splitlines()
    assert sum("  ~ " in line for line in lines[:4]) == 2
    assert any(line.startswith("~            lstm: saved as by torch's own kernel") for line in lines)
    told = document(found)
    assert [bool(row["saved_inexact"]) for row in told["rows"]] == [True, False, True]
    assert "oneDNN" in told["totals"]["saved_inexact"][0]
