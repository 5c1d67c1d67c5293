"""Counts equal formulas written out here, and torch's own counter, forward and backward."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from netwright.trace.cost import counted
from netwright.trace.record import record


class Run(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def macs(net, *shapes) -> tuple[int, int]:
    graph = record(net, list(shapes))
    assert not graph.failure, graph.failure
    assert not [name for op in graph.ops for name in op.uncounted]
    return sum(op.macs for op in graph.ops), sum(op.backward_macs for op in graph.ops)


def multiplications(layer: nn.Module, x: torch.Tensor) -> int:
    """By brute force: a layer of ones without padding adds one per multiplication."""
    with torch.no_grad():
        for name, p in layer.named_parameters():
            p.fill_(0.0 if name == "bias" else 1.0)
        return int(layer(torch.ones_like(x)).double().sum())


@settings(max_examples=25, deadline=None)
@given(
    axes=st.integers(1, 3),
    groups=st.integers(1, 3),
    channels=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    kernel=st.integers(1, 3),
    stride=st.integers(1, 2),
    dilation=st.integers(1, 2),
    transposed=st.booleans(),
)
def test_convolutions_count_every_multiplication(
    axes, groups, channels, kernel, stride, dilation, transposed
):
    kinds = [nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d]
    layer = kinds[axes - 1 + 3 * transposed](
        groups * channels[0], groups * channels[1], kernel, stride, groups=groups, dilation=dilation
    )
    shape = (groups * channels[0], *[6] * axes)
    expected = multiplications(layer, torch.ones(1, *shape))
    assert macs(layer, shape) == (expected, expected)


def test_inside_a_network_backward_costs_twice_forward_also_grouped_and_transposed():
    net = nn.Sequential(
        nn.Conv2d(4, 8, 3), nn.Conv2d(8, 8, 3, groups=4), nn.ConvTranspose2d(8, 6, 3, groups=2)
    )
    first, *rest = record(net, (4, 9, 9)).ops
    assert first.backward_macs == first.macs == 7 * 7 * 8 * 4 * 9
    assert all(op.backward_macs == 2 * op.macs > 0 for op in rest)


def test_frozen_weights_cost_no_gradient():
    net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4))
    net[0].requires_grad_(False)
    net[2].requires_grad_(False)
    assert [op.backward_macs for op in record(net, (4,)).ops] == [0, 16, 16]


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("kind", "gates"), [(nn.RNN, 1), (nn.GRU, 3), (nn.LSTM, 4)])
def test_recurrent_layers_multiply_every_weight_at_every_step(kind, gates, bidirectional):
    net = kind(6, 5, num_layers=2, batch_first=True, bidirectional=bidirectional)
    ways = 2 if bidirectional else 1
    step = ways * gates * 5 * ((6 + 5) + (5 * ways + 5))
    assert macs(net, (7, 6))[0] == 7 * step
    cells = {nn.RNN: nn.RNNCell, nn.GRU: nn.GRUCell, nn.LSTM: nn.LSTMCell}
    assert macs(cells[kind](6, 5), (6,))[0] == gates * 5 * (6 + 5)


@pytest.mark.parametrize(
    ("function", "shapes", "expected"),
    [
        (lambda x, y: torch.bmm(x, y), [(3, 4), (4, 5)], 60),
        (lambda x, y: torch.matmul(x, y), [(2, 3, 4), (2, 4, 5)], 120),
        (lambda x, y: x @ y[0], [(3, 4), (4,)], 12),
        (lambda x, y: torch.baddbmm(x @ y, x, y), [(3, 4), (4, 5)], 120),
        (lambda x: torch.addmm(x[0], x[0], x[0].T), [(4, 4)], 64),
        (lambda x: torch.einsum("bij,bkj->bik", x, x), [(3, 4)], 36),
        (lambda x: torch.dot(x[0], x[0]), [(9,)], 9),
        (lambda x: torch.mv(x[0], x[0, 0]), [(3, 3)], 9),
        (lambda x, w: F.linear(x, w[0]), [(7, 4), (5, 4)], 140),
    ],
)
def test_products_count_rows_times_inner_times_columns(function, shapes, expected):
    assert macs(Run(function), *shapes)[0] == expected


def test_bilinear_contracts_one_input_and_then_the_other():
    assert macs(nn.Bilinear(3, 4, 5), (3,), (4,))[0] == 5 * 3 * 4 + 5 * 4
    einsum = Run(lambda x, w, y: torch.einsum("na,oab,nb->no", x, w[0], y))
    assert macs(einsum, (3,), (5, 3, 4), (4,))[0] == 5 * 3 * 4 + 5 * 4


def test_look_ups_norms_pools_and_elementwise_functions_have_none():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(10, 8)
            self.norm = nn.LayerNorm(8)

        def forward(self, x):
            y = F.gelu(self.norm(self.table(x.long())))
            y = F.interpolate(F.avg_pool1d(y, 2), scale_factor=2).cumsum(1).softmax(-1)
            return F.cross_entropy(y.flatten(0, 1), x.long().flatten()) + y.std() + y.topk(2)[0].max()

    assert macs(Net(), (6,)) == (0, 0)


@pytest.mark.parametrize(
    "function", [lambda x: torch.fft.rfft2(x), lambda x: torch.linalg.inv(x), lambda x: torch.cdist(x, x)]
)
def test_an_operation_that_may_have_macs_but_no_rule_is_named(function):
    graph = record(Run(function), (3, 8, 8))
    assert [name for op in graph.ops for name in op.uncounted]


def test_torch_counts_the_same_backward_pass_where_its_formula_holds():
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 5)).to("meta")
    with FlopCounterMode(display=False) as counter:
        net(torch.empty(1, 3, 8, 8, device="meta")).sum().backward()
    assert sum(macs(net, (3, 8, 8))) == counter.get_total_flops() // 2


def test_an_operation_is_counted_known_or_unknown():
    aten = torch.ops.aten
    assert counted(aten.mm.default) is True
    assert counted(aten.relu.default) is False
    assert counted(aten._fft_r2c.default) is None
