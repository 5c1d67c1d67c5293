"""Any module is recorded in one run of a copy; the module itself stays as it was."""

import copy
import gc

import pytest
import torch
from einops.layers.torch import Rearrange
from torch import nn
from torch.utils.checkpoint import checkpoint

from netwright.trace.inputs import Input
from netwright.trace.record import measure, record
from netwright.trace.recorder import Recorder


class Run(nn.Module):
    def __init__(self, function, **parts):
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *inputs, **options):
        return self.function(self, *inputs, **options)


def state(net):
    return (
        copy.deepcopy(net.state_dict()),
        [module.training for module in net.modules()],
        [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in net.modules()],
        torch.get_rng_state(),
        torch.is_grad_enabled(),
    )


@pytest.mark.parametrize("fails", [False, True])
def test_the_callers_module_is_untouched_also_after_an_exception(fails):
    def forward(self, x):
        self.seen.append(x)
        y = self.norm(self.conv(x)) * torch.rand(1)
        return y + torch.zeros(99) if fails else y

    net = Run(forward, conv=nn.Conv2d(3, 4, 3), norm=nn.BatchNorm2d(4), seen=[])
    net.conv.eval()
    before = state(net)
    graph = record(net, (3, 8, 8))
    after = state(net)
    assert bool(graph.failure) is fails
    assert net.seen == []
    assert all(torch.equal(before[0][key], after[0][key]) for key in before[0])
    assert before[1:3] == after[1:3]
    assert torch.equal(before[3], after[3])
    assert before[4] == after[4]


def test_the_mode_asked_for_is_the_mode_recorded():
    net = nn.Sequential(nn.Dropout(), nn.Linear(2, 2))
    assert record(net, (2,)).training
    assert not record(net, (2,), training=False).training
    assert net.training


def test_outputs_of_any_nesting_are_found():
    net = Run(lambda self, x: {"a": [x + 1, (x + 2,)], "b": None})
    assert [info.producer for info in record(net, (3,)).outputs] == [0, 1]


def test_inputs_by_name_several_and_integer():
    net = Run(lambda self, ids, mask: self.table(ids) * mask.unsqueeze(-1), table=nn.Embedding(9, 4))
    by_name = record(net, {"ids": Input((5,), torch.int64), "mask": (5,)})
    by_place = record(net, [Input((5,), torch.int64), (5,)])
    assert [i.shape for i in by_name.inputs] == [i.shape for i in by_place.inputs] == [(1, 5), (1, 5)]
    assert not by_name.failure
    assert record(net, (torch.zeros(7, 5, dtype=torch.int64), torch.ones(7, 5))).batch == 7


@pytest.mark.parametrize("reentrant", [False, True])
def test_checkpointed_blocks_are_seen_and_keep_only_their_input(reentrant):
    block = nn.Sequential(nn.Linear(8, 64), nn.Tanh(), nn.Linear(64, 8))
    net = Run(
        lambda self, x: checkpoint(self.block, self.first(x), use_reentrant=reentrant),
        first=nn.Linear(8, 8),
        block=block,
    )
    graph = record(net, (8,))
    assert sum(op.macs for op in graph.ops) == 64 + 2 * 512
    assert sum(op.saved for op in graph.ops) == 2 * 8 * 4
    assert any("backward pass is not counted" in note for note in graph.notes) is reentrant


def test_einops_layers_and_control_flow_on_shapes_are_seen():
    net = Run(
        lambda self, x: self.rearrange(x) if x.shape[-1] % 2 == 0 else x,
        rearrange=Rearrange("b c (h p) (w q) -> b (h w) (c p q)", p=2, q=2),
    )
    assert record(net, (3, 8, 8)).outputs[0].shape == (1, 16, 12)
    assert record(net, (3, 9, 9)).ops == ()


@pytest.mark.parametrize(
    ("function", "mode"),
    [
        (lambda self, x: x * 2, "meta"),
        (lambda self, x: x + torch.zeros(3, device="cpu"), "fake"),
        (lambda self, x: x * 2 if x.sum() > -1e9 else x, "real"),
        (lambda self, x: x[x > 9e9].sum() + x.nonzero().shape[1], "real"),
        (lambda self, x: x * float(x.detach().numpy().size), "real"),
    ],
)
def test_the_graph_says_in_which_mode_it_was_recorded(function, mode):
    graph = record(Run(function), (3,))
    assert graph.mode == mode
    assert not graph.failure
    assert any("looks at values" in note for note in graph.notes) == (mode == "real")


def test_a_failure_that_stays_on_numbers_has_no_note_on_values():
    graph = record(Run(lambda self, x: x.numpy().reshape(7)), (3,))
    assert graph.failure
    assert not [note for note in graph.notes if "values" in note]


def test_compiled_and_data_parallel_modules_are_recorded_without_their_wrapper():
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    plain = [op.name for op in record(net, (4,)).ops]
    assert [op.name for op in record(nn.DataParallel(net), (4,)).ops] == plain
    assert [op.name for op in record(torch.compile(net, backend="eager"), (4,)).ops] == plain
    inner = nn.Sequential(torch.compile(net, backend="eager"))
    assert [op.name for op in record(inner, (4,)).ops] == plain


def test_a_distributed_module_is_recorded_without_its_wrapper(tmp_path):
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    try:
        net = nn.parallel.DistributedDataParallel(nn.Linear(4, 3))
        graph = record(net, (4,))
        assert [(op.name, op.module) for op in graph.ops] == [("linear", "")]
        assert list(graph.parameters) == ["weight", "bias"]
    finally:
        torch.distributed.destroy_process_group()


def test_a_compiled_function_inside_runs_as_written():
    double = torch.compile(lambda x: x * 2, backend="eager")
    assert [op.name for op in record(Run(lambda self, x: double(x) + 1), (3,)).ops] == ["mul", "add"]


def test_lazy_modules_are_recorded_with_the_shapes_they_took():
    net = nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    graph = record(net, (3, 5, 5))
    assert graph.parameters["0.weight"].shape == (4, 3, 3, 3)
    assert graph.outputs[0].shape == (1, 2)
    assert isinstance(net[0], nn.LazyConv2d)


def test_a_norm_over_one_value_is_recorded_with_two_examples_and_says_so():
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
    graph = record(net, (3, 8, 8))
    assert (graph.batch, bool(graph.failure)) == (2, False)
    assert "two examples" in graph.notes[0]


def test_an_interrupt_from_the_keyboard_ends_the_recording():
    def stop(self, x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(Run(stop), (3,))


class Trainer(nn.Module):
    """Its `train` is a training, as some teach it; its layer's is another module's."""

    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout()
        self.seen = []

    def train(self, batches, epochs=1):
        self.seen.append(batches)

    def forward(self, x):
        return self.drop(x)


class Frozen(nn.BatchNorm2d):
    def train(self, mode=True):
        return super().train(False)


def test_a_train_method_that_takes_data_is_not_called_for_the_mode():
    net = Trainer()
    graph = record(nn.Sequential(net), (4,), training=False)
    assert not graph.training
    assert not graph.failure
    assert record(nn.Sequential(net), (4,), training=True).training
    assert net.seen == []


def test_a_train_method_that_keeps_its_mode_is_respected():
    """A norm frozen by its own `train` keeps its statistics, and its row says nothing else."""
    graph = record(nn.Sequential(Frozen(3), nn.Dropout()), (3, 4, 4), training=True)
    norm = next(op for op in graph.ops if op.name == "batch_norm")
    assert norm.arguments["training"] is False


class Picky(nn.Module):
    """It computes something that autograd keeps, and then refuses the size."""

    def __init__(self, kind=AssertionError):
        super().__init__()
        self.conv, self.kind = nn.Conv2d(3, 4, 3), kind

    def forward(self, x):
        y = self.conv(x).relu()
        if y.shape[-1] % 2:
            raise self.kind("odd")
        return y


@pytest.mark.parametrize("size", [8, 9])
@pytest.mark.parametrize("kind", [AssertionError, NotImplementedError])
def test_nothing_of_a_run_stays_in_memory(size, kind):
    """Neither at its end nor where it raised: tensors, their history and the network's copy are collected."""

    def alive():
        gc.collect()
        return {id(thing) for thing in gc.get_objects() if type(thing) in {Picky, Recorder}}

    before = alive()
    graph = record(nn.Sequential(Picky(kind)), (3, size, size), training=True)
    assert bool(graph.failure) == bool(size % 2)
    assert alive() <= before


def test_values_are_those_of_the_module_itself():
    torch.manual_seed(0)
    net, x = nn.Sequential(nn.Linear(8, 4), nn.Tanh()), torch.randn(3, 8)
    graph, seen = measure(net, x, torch.clone)
    assert torch.equal(seen[graph.ops[0].outputs[0].key], net[0](x))
    assert torch.equal(seen[graph.outputs[0].key], net(x))


def test_what_an_in_place_operation_overwrites_was_seen_before():
    net, x = nn.Sequential(nn.Linear(8, 4), nn.ReLU(inplace=True)), torch.randn(3, 8)
    graph, seen = measure(net, x, torch.clone)
    before, after = (seen[op.outputs[0].key] for op in graph.ops)
    assert (before < 0).any()
    assert torch.equal(after, before.relu())


def test_shapes_become_the_same_normal_numbers_at_every_call():
    first, second = (
        measure(nn.Identity(), (4096,), torch.clone, batch=2)[0].inputs[0].shape for _ in range(2)
    )
    assert first == second == (2, 4096)

    def values():
        graph, seen = measure(nn.Flatten(), (1, 4096), torch.clone)
        return seen[graph.outputs[0].key]

    assert torch.equal(values(), values())
    assert values().mean().abs() < 0.1
    assert values().std() == pytest.approx(1, abs=0.1)


def test_the_module_its_buffers_and_random_states_stay_as_they_were():
    net = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Dropout()).eval()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    random = torch.get_rng_state()
    graph, _ = measure(net, (8,), torch.clone, batch=4, training=True)
    assert graph.training
    assert not net.training
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())


def test_the_graph_is_the_recorded_one_with_the_same_ops():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
    measured, seen = measure(net, (3, 8, 8), torch.numel, batch=2)
    recorded = record(net, (3, 8, 8), batch=2)
    assert [op.name for op in measured.ops] == [op.name for op in recorded.ops]
    assert [op.macs for op in measured.ops] == [op.macs for op in recorded.ops]
    assert list(seen.values()) == [op.outputs[0].elements for op in recorded.ops]


def test_see_is_called_without_gradients():
    graph, seen = measure(nn.Linear(2, 2), (2,), lambda tensor: (tensor * 2).requires_grad)
    assert graph.outputs[0].requires_grad
    assert set(seen.values()) == {False}


def test_a_forward_pass_that_raises_gives_what_was_seen_up_to_there():
    net = nn.Sequential(nn.Linear(4, 4), nn.Linear(3, 4))
    graph, seen = measure(net, (4,), torch.clone)
    assert graph.failure is not None
    assert len(seen) == 1
