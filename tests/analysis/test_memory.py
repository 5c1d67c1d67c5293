"""The estimate equals what a real training step on the CPU allocates."""

import weakref

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

import strategies  # noqa: F401  # loads the profile
from networks import KINDS, STEPS, activations, networks, poolings
from netwright.analysis.macs import forward
from netwright.analysis.memory import memory
from netwright.errors import UsageError
from netwright.trace.record import record
from reference import UNet, ViT, resnet
from saved import saved


class Allocated(TorchDispatchMode):
    """Bytes of the storages that live, and the most there were."""

    def __init__(self, known):
        super().__init__()
        self.held = [tensor.untyped_storage() for tensor in known]
        self.known = {storage._cdata for storage in self.held}
        self.now = self.peak = sum(storage.nbytes() for storage in self.held)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, torch.Tensor):
                self.enter(tensor.untyped_storage())
        self.peak = max(self.peak, self.now)
        return out

    def enter(self, storage):
        if storage._cdata not in self.known:
            self.known.add(storage._cdata)
            self.now += storage.nbytes()
            weakref.finalize(storage, self.leave, storage._cdata, storage.nbytes())

    def leave(self, identity, size):
        self.now -= size
        self.known.discard(identity)


NETS = [
    (resnet([1, 1, 1, 1], True), (3, 64, 64)),
    (ViT(True, 96, 3, 3, 32, 8), (3, 32, 32)),
    (UNet((8, 16, 32)), (1, 108, 108)),
    (nn.Sequential(nn.Conv2d(3, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 900, 10)), (3, 32, 32)),
]


def measured(net, x):
    watch = Allocated([*net.parameters(), *net.buffers(), x])
    with watch:
        out = net(x)
        forward = watch.peak
        out.backward(torch.ones_like(out))
    net.zero_grad()
    return forward, watch.peak


@pytest.mark.parametrize(("net", "shape"), NETS)
def test_forward_and_backward_peaks_are_within_five_percent_of_a_real_step(net, shape):
    x = torch.randn(4, *shape)
    estimate = memory(record(net, shape, batch=4))
    forward, peak = measured(net, x)
    assert estimate.forward == pytest.approx(forward, rel=0.05)
    assert max(estimate.forward, estimate.backward) == pytest.approx(peak, rel=0.05)


@pytest.mark.parametrize(
    ("net", "shape"),
    [
        *NETS,
        (ViT(False, 48, 2, 3, 32, 8), (3, 32, 32)),
        (nn.GRU(8, 16, 2, batch_first=True), (10, 8)),
        (nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.LayerNorm(8), nn.GELU(), nn.Softmax(-1)), (8,)),
        (nn.TransformerEncoderLayer(16, 4, 32, batch_first=True), (6, 16)),
        (nn.Sequential(nn.ConvTranspose1d(4, 8, 3, groups=2), nn.GroupNorm(2, 8), nn.SiLU()), (4, 9)),
    ],
)
def test_what_is_saved_equals_what_a_real_forward_pass_saves(net, shape):
    x = torch.randn(3, *shape)
    assert memory(record(net, shape, batch=3)).saved == saved(net, x)


@settings(max_examples=40)
@given(
    st.one_of(networks(1, steps=(*STEPS, activations)), networks(2, steps=(*STEPS, poolings, activations)))
)
def test_random_networks_save_what_a_real_run_saves_and_make_its_shapes(drawn):
    net, sizes = drawn
    x = torch.randn(3, 1, *sizes, dtype=torch.float64)
    graph = record(net, (1, *sizes), batch=3)
    assert not graph.failure
    assert graph.outputs[0].shape == net(x).shape
    assert memory(graph).saved == saved(net, x)


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_operation_saves_what_a_real_run_saves(kind, dims):
    @settings(max_examples=5)
    @given(networks(dims, first=KINDS[kind], longest=2))
    def check(drawn):
        net, sizes = drawn
        x = torch.randn(3, 1, *sizes, dtype=torch.float64)
        graph = record(net, (1, *sizes), batch=3)
        assert graph.outputs[0].shape == net(x).shape
        assert memory(graph).saved == saved(net, x)

    check()


@settings(max_examples=15)
@given(st.one_of(networks(1), networks(2)))
def test_random_networks_multiply_as_often_as_torch_counts(drawn):
    net, sizes = drawn
    with FlopCounterMode(display=False) as counter:
        net(torch.randn(1, 1, *sizes, dtype=torch.float64))
    assert forward(record(net, (1, *sizes))) == counter.get_total_flops() // 2


def test_the_state_of_the_optimizer_is_what_torch_allocates():
    net = nn.Sequential(nn.Linear(8, 9), nn.Linear(9, 5))
    net[0].bias.requires_grad_(False)
    options = {
        "sgd": torch.optim.SGD(net.parameters(), 0.1),
        "momentum": torch.optim.SGD(net.parameters(), 0.1, momentum=0.9),
        "adam": torch.optim.Adam(net.parameters()),
        "adamw": torch.optim.AdamW(net.parameters()),
    }
    for name, optimizer in options.items():
        optimizer.zero_grad()
        net(torch.ones(2, 8)).sum().backward()
        optimizer.step()
        values = [value for state in optimizer.state.values() for value in state.values()]
        assert memory(record(net, (8,)), name).state == sum(v.nbytes for v in values if v is not None)


def test_an_unknown_optimizer_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="sgd, momentum, adam, adamw"):
        memory(record(nn.Linear(2, 2), (2,)), "lion")


def test_a_frozen_network_needs_no_gradients():
    net = nn.Linear(4, 4).requires_grad_(False)
    estimate = memory(record(net, (4,)), "adam")
    assert (estimate.gradients, estimate.state, estimate.saved) == (0, 0, 0)
    assert estimate.peak == estimate.forward == estimate.document()["peak"]
