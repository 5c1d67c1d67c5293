"""A clone is a full copy of a module without its data, and shares nothing that can change."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, weight_norm

from netwright.trace.clone import Cloner, paths, unwrapped


def cloned(net: nn.Module) -> nn.Module:
    return Cloner(lambda tensor: tensor.to("meta")).module(net)


def test_every_tensor_is_on_meta_and_keeps_its_kind():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    net[0].weight.requires_grad_(False)
    clone = cloned(net)
    assert {tensor.device.type for tensor in clone.state_dict().values()} == {"meta"}
    assert [type(m) for m in clone.modules()] == [type(m) for m in net.modules()]
    assert [p.requires_grad for p in clone.parameters()] == [p.requires_grad for p in net.parameters()]
    assert isinstance(clone[0].weight, nn.Parameter)


def test_tied_parameters_and_aliased_modules_stay_so():
    block = nn.Linear(3, 3)
    net = nn.Sequential(block, block, nn.Linear(3, 3))
    net[2].weight = block.weight
    clone = cloned(net)
    assert clone[0] is clone[1]
    assert clone[2].weight is clone[0].weight


def test_lists_and_bound_methods_belong_to_the_copy():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.seen, self.heads = [], [nn.Linear(2, 2)]
            self.way, self.part, self.offset = self.go, partial(self.go), torch.ones(2)
            self.generator = torch.Generator()

        def go(self):
            self.seen.append(1)

    net = Net()
    clone = cloned(net)
    clone.way()
    clone.part()
    assert (net.seen, clone.seen) == ([], [1, 1])
    assert clone.heads[0] is not net.heads[0]
    assert clone.offset.is_meta
    assert not net.offset.is_meta


def test_hooks_of_the_network_stay_and_functions_of_the_caller_do_not():
    seen = []
    net = nn.Sequential(nn.Linear(2, 2))
    net.register_forward_hook(lambda module, inputs, output: seen.append(output))
    copier = Cloner(lambda tensor: tensor.to("meta"))
    copier.module(net)(torch.empty(1, 2, device="meta"))
    assert not seen
    assert copier.skipped == 1
    assert len(net._forward_hooks) == 1


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    "normed", [weight_norm, parametrizations.weight_norm, parametrizations.spectral_norm]
)
def test_parametrised_layers_run(normed):
    net = normed(nn.Linear(3, 4))
    assert cloned(net)(torch.empty(2, 3, device="meta")).shape == (2, 4)


def test_lazy_modules_take_their_shape_and_the_original_stays_lazy():
    net = nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d())
    clone = cloned(net)
    clone(torch.empty(2, 5, 8, 8, device="meta"))
    assert clone[0].weight.shape == (4, 5, 3, 3)
    assert isinstance(net[0], nn.LazyConv2d)


def test_wrappers_are_taken_off():
    net = nn.Linear(2, 2)
    assert unwrapped(nn.DataParallel(net)) is net
    assert unwrapped(net) is net


def test_modules_in_plain_lists_have_a_path_of_their_own():
    net = nn.Module()
    net.body, net.heads, net.table = nn.Linear(2, 2), [nn.Linear(2, 2)], {"a": nn.ReLU()}
    known = sorted(path for _, names in paths(net).values() for path in names)
    assert known == ["", "body", "heads[0]", "table['a']"]


def test_attributes_that_are_neither_true_nor_false_are_passed_over():
    """Plain tensors and arrays have no truth value, and are not modules."""
    net = nn.Module()
    net.start, net.grid, net.heads = torch.zeros(2, 2), np.zeros(3), [nn.Linear(2, 2)]
    clone = cloned(net)
    assert [path for _, names in paths(clone).values() for path in names] == ["", "heads[0]"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compiled_functions_are_shared_as_plain_ones_are():
    net = nn.Module()
    net.double = torch.jit.trace(lambda x: 2 * x, torch.ones(2))
    assert cloned(net).double is net.double


class Holding(nn.Module):
    """Everything through which Python code can reach a layer without an attribute of its own."""

    def __init__(self):
        super().__init__()
        self.layer = layer = nn.Dropout()
        self.scale = scale = nn.Parameter(torch.ones(1))

        def twice(x):
            return again(again(x))

        def again(x):
            return layer(x) * scale

        def default(x, layer=layer, *, other=layer):
            return other(layer(x))

        self.paths = {
            "lambda": lambda x: layer(x),
            "nested": twice,
            "method": layer.forward,
            "partial": partial(again),
            "default": default,
            "in a list": [lambda x, layers=(layer,): layers[0](x)][0],
        }

    def forward(self, x):
        return [path(x) for path in self.paths.values()]


@pytest.mark.parametrize("path", Holding().paths)
def test_functions_reach_the_copy_of_what_they_hold(path):
    net = Holding()
    clone = Cloner(lambda tensor: tensor.clone()).module(net).eval()
    assert net.layer.training
    x = torch.ones(1000)
    assert torch.equal(clone.paths[path](x), x)
    assert not torch.equal(net.paths[path](x), x)


def test_functions_that_hold_neither_modules_nor_tensors_are_shared():
    calls, net = [], nn.Module()
    net.note = lambda x: calls.append(x)
    net.plain = len
    assert cloned(net).note is net.note
    assert cloned(net).plain is len


def test_a_copied_function_keeps_its_name_and_attributes_and_empty_variables():
    layer, net = nn.ReLU(), nn.Module()

    def act(x, *, scale=2):
        return layer(x) * scale if layer else missing

    act.tag = "kept"
    net.act = act
    clone = cloned(net).act
    assert (clone.__name__, clone.__qualname__, clone.tag) == (act.__name__, act.__qualname__, "kept")
    assert clone is not act
    assert clone(torch.ones(1)) == 2
    if not layer:
        missing = 0
