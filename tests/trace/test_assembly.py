"""A graph names every module, parameter and failure as the user would."""

import torch
from torch import nn

from netwright.trace.record import record


class Heads(nn.Module):
    """It holds a module in a plain list, where `net.parameters()` does not see it."""

    def __init__(self):
        super().__init__()
        self.heads = [nn.Linear(3, 2)]

    def forward(self, x):
        return self.heads[0](x)


def test_an_aliased_module_has_one_set_of_parameters_and_every_call():
    block = nn.Linear(4, 4)
    graph = record(nn.Sequential(block, nn.ReLU(), block, block), (4,))
    assert graph.modules["0"].aliases == ("2", "3")
    assert graph.modules["0"].calls == 3
    assert [op.call for op in graph.ops if op.name == "linear"] == [0, 1, 2]
    assert sum(p.elements for p in graph.parameters.values()) == 20


def test_hooks_that_were_left_out_are_named():
    net = nn.Linear(2, 2)
    net.register_forward_hook(lambda *inputs: None)
    assert "1 hook" in record(net, (2,)).notes[0]


def test_a_failure_keeps_what_ran_and_names_what_raised():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(5, 4, 3))
    graph = record(net, (3, 8, 8))
    assert [op.name for op in graph.ops] == ["conv2d"]
    assert (graph.failure.name, graph.failure.module) == ("conv2d", "1")
    assert graph.failure.inputs[0] == graph.ops[0].outputs[0]
    assert graph.failure.arguments["weight"].parameter == "1.weight"


def test_modules_in_plain_lists_are_recorded_as_hidden():
    graph = record(Heads(), (3,))
    assert graph.ops[0].module == "heads[0]"
    assert all(parameter.hidden for parameter in graph.parameters.values())


def test_a_tied_parameter_has_one_entry_with_both_names_and_both_modules_hold_it():
    net = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False))
    net[1].weight = net[0].weight
    graph = record(net, (4,))
    assert [(p.name, p.aliases) for p in graph.parameters.values()] == [("0.weight", ("1.weight",))]
    assert graph.modules["0"].parameters == graph.modules["1"].parameters == ("0.weight",)
    assert graph.ops[1].arguments["weight"].parameter == "0.weight"


def test_a_storage_is_saved_once_however_many_operations_need_it():
    """The output of the first `exp` is needed by its own backward pass and by that of the product."""

    class Net(nn.Module):
        def forward(self, x):
            y = x.exp()
            return y * y.sin()

    graph = record(Net(), torch.ones(2, 3, requires_grad=True))
    sizes = [op.saved for op in graph.ops]
    assert sizes == [2 * 3 * 4, 0, 2 * 3 * 4]  # y, nothing new, sin(y)
    assert sum(len(op.saved_storages) for op in graph.ops) > len(
        {k for op in graph.ops for k in op.saved_storages}
    )


def test_a_module_without_a_tensor_among_its_results_has_failed():
    class Silent(nn.Module):
        def forward(self, x):
            return None

    assert record(Silent(), (3,)).failure.error == "NoOutput"
