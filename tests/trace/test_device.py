"""A network that mixes devices is recognised on a machine that has only one."""

import pytest
import torch
from torch import nn

from netwright.trace import record as recording
from netwright.trace.clone import Cloner
from netwright.trace.device import asked, is_accelerator
from netwright.trace.record import record


class Net(nn.Module):
    def __init__(self, way):
        super().__init__()
        self.fc, self.way = nn.Linear(4, 4), way
        self.plain = torch.ones(4)
        self.register_buffer("shift", torch.ones(4))

    def forward(self, x):
        return self.way(self, x)


@pytest.fixture
def on_gpu(monkeypatch):
    """As if every parameter, buffer and input lay on a GPU, plain tensors of the module on the CPU."""

    class OnGpu(Cloner):
        def module(self, net):
            twin = super().module(net)
            own = {id(tensor) for tensor in (*twin.parameters(), *twin.buffers())}
            self.devices.update({key: "cuda" if key in own else "cpu" for key in self.devices})
            return twin

    monkeypatch.setattr(recording, "Cloner", OnGpu)
    monkeypatch.setattr(recording, "_home", lambda net: "cuda")


FAILS_ON_CPU = {
    "a literal in a maker": lambda net, x: net.fc(x) + torch.zeros(4, device="cuda"),
    "an input moved away": lambda net, x: net.fc(x.cuda()),
    "by to": lambda net, x: net.fc(x.to("cuda:0")),
    "by to with a dtype": lambda net, x: net.fc(x.to("cuda", torch.float32)),
    "by name": lambda net, x: net.fc(x.to(device=torch.device("cuda"))),
    "in place": lambda net, x: net.fc(x).add_(torch.ones(1, 4, device="cuda")),
    "a concatenation": lambda net, x: torch.cat([net.fc(x), torch.zeros(1, 2, device="mps")], 1),
    "a new tensor": lambda net, x: x + x.new_zeros(4, device="cuda"),
}
RUNS_ON_CPU = {
    "there and back": lambda net, x: net.fc(x.cuda().mul(2).cpu()),
    "where the data are": lambda net, x: net.fc(x) + torch.zeros(4, device=x.device),
    "the default": lambda net, x: net.fc(x) + torch.zeros(4),
    "a single number": lambda net, x: net.fc(x) * torch.tensor(2.0, device="cuda"),
    "like another": lambda net, x: net.fc(x) + torch.zeros_like(x),
    "plain tensors and buffers": lambda net, x: net.fc(x) * net.plain + net.shift,
    "the original of what was moved": lambda net, x: net.fc(x) + 0 * x.to("cuda").cpu() + x,
    "by its place among the arguments": lambda net, x: (x.to("cuda", None, False, True), net.fc(x))[1],
    "both sides of a move": lambda net, x: (x.cuda() + torch.ones(4, device="cuda")).cpu() + net.fc(x),
}
FAILS_ON_GPU = {
    "a literal in a maker": lambda net, x: net.fc(x) + torch.zeros(4, device="cpu"),
    "the default of a maker": lambda net, x: net.fc(x) + torch.arange(4),
    "a tensor that is no buffer": lambda net, x: net.fc(x) * net.plain,
    "an input moved away": lambda net, x: net.fc(x.cpu()),
}
RUNS_ON_GPU = {
    "where the data are": lambda net, x: net.fc(x) + torch.zeros(4, device=x.device),
    "a buffer": lambda net, x: net.fc(x) + net.shift,
    "moved to the data": lambda net, x: net.fc(x) * net.plain.to(x) + net.plain.type_as(x),
    "an index on the CPU": lambda net, x: net.fc(x)[:, torch.tensor([0, 1])],
    "a single number": lambda net, x: net.fc(x) * torch.tensor(2.0),
    "written as a copy": lambda net, x: torch.zeros(1, 4).copy_(net.fc(x)),
    "the original of what was brought back": lambda net, x: (x.cpu(), net.fc(x))[1],
    "lengths on the CPU": lambda net, x: (
        torch.nn.utils.rnn.pack_padded_sequence(x[None], torch.tensor([1]), batch_first=True),
        net.fc(x),
    )[1],
    "indices on the CPU": lambda net, x: net.fc(x).tensor_split(torch.tensor([1, 2]), 1)[0],
}


@pytest.mark.parametrize("way", FAILS_ON_CPU.values(), ids=FAILS_ON_CPU)
def test_a_device_that_only_the_forward_pass_names_is_a_failure_on_the_cpu(way):
    graph = record(Net(way), (4,))
    assert graph.failure is not None
    assert graph.failure.error == "DeviceMixError"
    assert graph.mode == "meta"
    assert {info.device for info in graph.failure.inputs} > {"cpu"}


@pytest.mark.parametrize("way", RUNS_ON_CPU.values(), ids=RUNS_ON_CPU)
def test_what_runs_on_the_cpu_mixes_no_devices(way):
    graph = record(Net(way), (4,))
    assert graph.failure is None
    assert graph.outputs[0].device in {"cpu", "meta"}


@pytest.mark.parametrize("way", FAILS_ON_CPU.values(), ids=FAILS_ON_CPU)
@pytest.mark.skipif(torch.cuda.is_available(), reason="torch then fails in its own words")
def test_torch_itself_fails_on_the_same(way):
    with pytest.raises((AssertionError, RuntimeError)):
        Net(way)(torch.ones(1, 4))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("ways", [FAILS_ON_GPU, RUNS_ON_GPU], ids=["fails", "runs"])
def test_a_real_gpu_agrees(ways):
    for name, way in ways.items():
        net = Net(way).cuda()
        failed = record(net, (4,)).failure is not None
        assert failed == (ways is FAILS_ON_GPU), name
        if failed:
            with pytest.raises(RuntimeError):
                net(torch.ones(1, 4, device="cuda"))
        else:
            net(torch.ones(1, 4, device="cuda"))


@pytest.mark.parametrize("way", FAILS_ON_GPU.values(), ids=FAILS_ON_GPU)
def test_what_stays_on_the_cpu_is_a_failure_for_a_network_on_a_gpu(way, on_gpu):
    failure = record(Net(way), (4,)).failure
    assert failure is not None
    assert failure.error == "DeviceMixError"
    assert "cuda" in failure.message
    assert "cpu" in failure.message


@pytest.mark.parametrize("way", RUNS_ON_GPU.values(), ids=RUNS_ON_GPU)
def test_what_runs_on_a_gpu_mixes_no_devices(way, on_gpu):
    assert record(Net(way), (4,)).failure is None


def test_a_write_into_a_moved_copy_does_not_change_the_original():
    graph = record(Net(lambda net, x: (x.to("cuda").add_(1), net.fc(x))[1]), (4,))
    assert graph.failure is None
    assert graph.ops[-1].inputs[0].key == graph.inputs[0].key


def test_a_device_that_is_named_but_not_needed_is_only_a_note():
    (note,) = record(Net(lambda net, x: (net.fc(x), x.to("cuda"))[0]), (4,)).notes
    assert "asks for cuda, but the network lies on cpu" in note
    assert "test_device.py:" in note


def test_a_note_names_the_parameters_of_a_network_on_two_devices():
    net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4, device="meta"))
    (note,) = record(net, (4,)).notes
    assert "2 devices: cpu (`0.weight` and 1 more), meta (`1.weight` and 1 more)" in note
    assert record(nn.Linear(4, 4), (4,)).notes == record(nn.Linear(4, 4, device="meta"), (4,)).notes == ()


def test_a_network_on_meta_is_compatible_with_any_device():
    with torch.device("meta"):
        net = Net(lambda net, x: net.fc(x) + torch.zeros(4))
    assert record(net, (4,)).failure is None


def test_the_device_named_is_found_however_it_is_written():
    x = torch.ones(1)
    assert asked("to", (x, "cuda"), {}) == asked("to", (x,), {"device": "cuda:1"}) == "cuda"
    assert asked("cpu", (x,), {}) == "cpu"
    assert asked("zeros", (3,), {"device": torch.device("meta")}) == "meta"
    assert asked("to", (x, torch.float16), {}) is asked("to", (x, x), {}) is asked("zeros", (3,), {}) is None
    known = [is_accelerator(name) for name in ("cuda", "xpu", "cpu", "meta", None)]
    assert known == [True, True, False, False, False]
