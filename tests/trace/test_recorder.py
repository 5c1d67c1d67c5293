"""Tensors and storages have keys that stay unique while a run is recorded."""

import gc
from functools import partial

import pytest
import torch
from torch import nn

from netwright.trace.record import measure, record
from netwright.trace.recorder import Recorder


def test_views_share_a_storage_and_copies_do_not():
    recorder, x = Recorder({}, {}, "cpu"), torch.zeros(4, 4)
    assert recorder.storage(x) == recorder.storage(x[1:].T) != recorder.storage(x.clone())
    assert recorder.storages[recorder.storage(x)] == 64


def test_the_id_of_a_deleted_tensor_is_not_taken_for_another():
    recorder = Recorder({}, {}, "cpu")
    keys = {recorder.info(torch.empty(3, device="meta")).key for _ in range(50)}
    assert len(keys) == 50
    assert len(recorder.storages) == 50


def test_a_written_tensor_is_a_new_value_on_the_same_storage():
    recorder, x = Recorder({}, {}, "cpu"), torch.zeros(2)
    before = recorder.info(x)
    after = recorder.info(x, 7, fresh=True)
    assert before.key != after.key
    assert before.storage == after.storage
    assert recorder.info(x) == after
    assert after.producer == 7


def test_calls_are_counted_by_path_and_nested():
    recorder, outer, inner = Recorder({}, {}, "cpu"), nn.Identity(), nn.Identity()
    for _ in range(2):
        recorder.enter("a", outer, ())
        recorder.enter("a.b", inner, ())
        top = recorder.stack[-1]
        recorder.leave(outer, (), None)  # the inner one raised and was caught
    assert (top.path, top.call) == ("a.b", 1)
    assert len(recorder.stack) == 1
    assert recorder.calls == {"a": 2, "a.b": 2}


def test_sparse_tensors_are_measured_by_their_entries():
    recorder = Recorder({}, {}, "cpu")
    sparse = torch.eye(4).to_sparse()
    assert recorder.storages[recorder.storage(sparse)] == 4 * 4


class Counted(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))
        self.linear = nn.Linear(3, 2, bias=False)

    def forward(self, x):
        self.seen += 1
        return self.linear(x).exp()


def test_a_counter_in_a_buffer_is_not_recorded_and_the_callers_stays():
    net = Counted()
    assert [op.name for op in record(net, (3,)).ops] == ["linear", "exp"]
    assert net.seen == 0


def test_saved_bytes_belong_to_the_operation_that_saves_them():
    graph = record(Counted(), (3,), batch=4)
    linear, exp = graph.ops
    assert linear.saved == 4 * 3 * 4  # the input, for the gradient of the weight; the weight is there anyway
    assert exp.saved == 4 * 2 * 4  # its own output
    assert exp.saved_storages == (exp.outputs[0].storage,)


def test_costs_are_those_of_the_operation_that_ran_last():
    graph = record(Counted(), (3,), batch=4)
    assert [op.macs for op in graph.ops] == [4 * 3 * 2, 0]
    assert [op.backward_macs for op in graph.ops] == [4 * 3 * 2, 0]  # the input needs no gradient


def test_a_module_notes_what_it_is_given_and_gives_at_its_first_call():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.grow = nn.Linear(2, 2)

        def forward(self, x):
            return self.grow(torch.cat([self.grow(x), x]))

    graph = record(Twice(), (2,))
    grow = graph.modules["grow"]
    assert grow.calls == 2
    assert [info.shape for info in (*grow.inputs, *grow.outputs)] == [(1, 2), (1, 2)]
    assert [op.call for op in graph.ops if op.module == "grow"] == [0, 1]


def test_the_function_that_raised_is_held_with_what_it_was_given():
    class Wrong(nn.Module):
        def forward(self, x):
            return torch.cat([x, x[:, :1]], 0)

    failure = record(Wrong(), (3,)).failure
    assert failure.name == "cat"
    assert [info.shape for info in failure.inputs] == [(1, 3), (1, 1)]
    assert failure.arguments["dim"] == 0


def views(recorder, base):
    """A map, its first and its last row, entered in this order."""
    views = [base, base[0], base[-1]]
    return views, [recorder.info(tensor) for tensor in views]


def test_a_write_renews_what_overlaps_and_nothing_else():
    recorder = Recorder({}, {}, "cpu")
    (base, first, last), (whole, _, bottom) = views(recorder, torch.zeros(3, 4))
    touched = list(recorder.touch(first, 7))
    assert [before for before, _ in touched] == [whole]
    assert recorder.info(base) == touched[0][1]
    assert touched[0][1].producer == 7
    assert touched[0][1].storage == whole.storage
    assert recorder.info(last) == bottom


def test_a_write_into_the_base_renews_all_its_views():
    recorder = Recorder({}, {}, "cpu")
    (base, *_), infos = views(recorder, torch.zeros(3, 4))
    assert [before for before, _ in recorder.touch(base, 0)] == infos[1:]


def test_a_tensor_alone_on_its_storage_and_an_empty_view_are_not_renewed():
    recorder = Recorder({}, {}, "cpu")
    alone, base = torch.zeros(2), torch.zeros(2, 2)
    for tensor in (alone, base, base[:0]):
        recorder.info(tensor)
    assert list(recorder.touch(alone, 0)) == list(recorder.touch(base, 0)) == []


def test_the_device_is_the_one_a_tensor_would_lie_on():
    known, other = torch.zeros(1), torch.zeros(1)
    recorder = Recorder({}, {id(known): "cuda"}, "cpu")
    assert (recorder.info(known).device, recorder.info(other).device) == ("cuda", "cpu")
    assert recorder.info(other, 1, fresh=True, device="cuda").device == "cuda"


GOOD = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Sigmoid())
WRONG = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sigmoid(), nn.Conv2d(3, 4, 3))


@pytest.mark.parametrize("net", [GOOD, WRONG], ids=["good", "wrong"])
@pytest.mark.parametrize("look", [record, partial(measure, see=torch.numel)], ids=["recorded", "measured"])
def test_nothing_of_a_run_outlives_it(look, net):
    """At once: the collector does not see what autograd's nodes hold, and weights may be large."""
    gc.collect()
    gc.disable()
    try:
        look(net, (3, 8, 8))
        assert not [thing for thing in gc.get_objects() if type(thing) is Recorder]
    finally:
        gc.enable()


def test_a_network_that_takes_gradients_in_its_forward_pass_is_recorded():
    class Force(nn.Module):
        """Minus the gradient of a learnt energy, as networks for molecules have it."""

        def __init__(self):
            super().__init__()
            self.energy = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))

        def forward(self, x):
            x = x.requires_grad_()
            return -torch.autograd.grad(self.energy(x).sum(), x, create_graph=True)[0]

    graph = record(Force(), (3,))
    assert graph.failure is None
    assert graph.outputs[0].shape == (1, 3)
    assert sum(op.macs for op in graph.ops) >= 3 * 8 + 8
