"""A run is seen as the functions that the user wrote, in order, with the tensors between them."""

import random

import numpy
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from netwright.trace.observe import unchanged_randomness
from netwright.trace.record import record


class Run(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def names(function, *shapes) -> list[str]:
    return [op.name for op in record(Run(function), list(shapes) or (4, 6)).ops]


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: x + 1, "add"),
        (lambda x: 1 - x, "sub"),
        (lambda x: 2 / x, "div"),
        (lambda x: x @ x.mT, "matmul"),
        (lambda x: x.relu_(), "relu"),
        (lambda x: torch.true_divide(x, 2), "div"),
        (lambda x: torch.concat([x, x]), "cat"),
        (lambda x: x**2, "pow"),
        (lambda x: -x, "neg"),
        (lambda x: F.scaled_dot_product_attention(x, x, x), "scaled_dot_product_attention"),
        (lambda x: x.mT, "mT"),
    ],
)
def test_operators_and_spellings_have_one_name(function, name):
    assert names(function)[-1] == name


def test_reflected_operands_are_in_written_order():
    op = record(Run(lambda x, y: x.__rsub__(y)), [(2,), (2,)]).ops[0]
    assert [info.key for info in op.inputs] == [op.arguments["self"].key, op.arguments["other"].key]
    assert op.inputs[0].key > op.inputs[1].key


def test_writing_in_place_makes_a_new_value_on_the_same_storage():
    def function(x):
        y = x * 2
        y += 1
        y[:, :1] = 0
        return y.relu_()

    graph = record(Run(function), (4, 6))
    mul, add, write, relu = graph.ops
    assert [op.inplace for op in graph.ops] == [False, True, True, True]
    assert add.inputs[0] == mul.outputs[0]
    assert write.inputs[0] == add.outputs[0]
    assert relu.inputs[0] == write.outputs[0]
    assert len({op.outputs[0].storage for op in graph.ops}) == 1
    assert graph.outputs == relu.outputs


def test_functions_that_only_describe_a_tensor_are_not_recorded():
    assert names(lambda x: x.view(x.size(0), x.shape[1], x.dim() * 2) * x.numel()) == ["view", "mul"]


def test_multi_head_attention_is_recorded_by_what_it_does():
    graph = record(nn.MultiheadAttention(8, 2, batch_first=True), [(5, 8)] * 3)
    inside = [op for op in graph.ops if op.caller == "multi_head_attention_forward"]
    assert [op.name for op in inside if op.macs] == ["linear"] * 3 + ["bmm"] * 2 + ["linear"]


def test_the_fast_path_of_transformers_counts_as_the_slow_one():
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    graph = record(nn.TransformerEncoder(layer, 2).eval(), (5, 8))
    per_layer = 5 * 8 * 24 + 2 * 2 * 5 * 5 * 4 + 5 * 8 * 8 + 2 * 5 * 8 * 16
    assert sum(op.macs for op in graph.ops) == 2 * per_layer
    assert not graph.failure


@pytest.mark.parametrize("mask", [False, True])
def test_fused_attention_counts_as_torch_counts_it(mask):
    def function(q, k, v):
        allowed = torch.ones(5, 7, dtype=torch.bool, device=q.device) if mask else None
        return F.scaled_dot_product_attention(q, k, v, attn_mask=allowed)

    shapes = [(3, 5, 8), (3, 7, 8), (3, 7, 8)]
    with FlopCounterMode(display=False) as counter:
        function(*(torch.empty(1, *shape, device="meta") for shape in shapes))
    assert sum(op.macs for op in record(Run(function), shapes).ops) == counter.get_total_flops() // 2


def test_an_input_names_the_op_that_made_it_or_its_parameter():
    graph = record(nn.Sequential(nn.Linear(6, 3), nn.ReLU(), nn.Linear(3, 2)), (6,))
    assert [op.inputs[0].producer for op in graph.ops] == [None, 0, 1]
    assert [info.parameter for info in graph.ops[2].inputs] == [None, "2.weight", "2.bias"]


def test_a_custom_operator_of_another_package_is_uncounted():
    library = torch.library.Library("netwright_test", "DEF")
    library.define("twice(Tensor x) -> Tensor")
    library.impl("twice", lambda x: x * 2, "CompositeExplicitAutograd")
    graph = record(Run(lambda x: torch.ops.netwright_test.twice(x)), (3,))
    assert [name for op in graph.ops for name in op.uncounted] == ["netwright_test.twice"]
    library._destroy()


def test_random_states_are_restored_also_after_an_exception():
    def draw():
        return torch.rand(1).item(), random.random(), numpy.random.rand()

    torch.manual_seed(1), random.seed(1), numpy.random.seed(1)
    expected = draw()
    torch.manual_seed(1), random.seed(1), numpy.random.seed(1)
    with pytest.raises(ZeroDivisionError), unchanged_randomness():
        raise ZeroDivisionError(draw())
    seeded = []
    for _ in range(2):
        with unchanged_randomness(seed=7):
            seeded.append(draw())
    assert seeded[0] == seeded[1]
    assert draw() == expected
