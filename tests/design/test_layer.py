"""What a layer costs and sees, against torch and published figures."""

import pytest
import torch
from hypothesis import given, settings
from torch import nn

from design.problems import small
from design.sighted import widest_view
from netwright.design.build import build
from netwright.design.layer import (
    Layer,
    field_before,
    receptive_field,
    reducing_weights,
    window_weights,
)
from netwright.design.problem import Problem
from netwright.design.solve import best


def test_the_1x1_trick_has_its_published_figures():
    """128←64 channels, 5x5, on 112x112 with 2 padding: 204,800 weights and 2,569,011,200 MACs."""
    plain = Problem((64, 112, 112), (128, 112, 112))
    layer = Layer(plain, False, True, plain.input, plain.output, (5, 5), (1, 1), (2, 2), (0, 0))
    assert layer.macs == 2_569_011_200
    assert layer.params == 204_800 + 128


def test_a_bottleneck_that_does_not_divide_is_left_out():
    problem = Problem((3, 8, 8), (8, 1, 1), bottleneck=4)
    assert reducing_weights(3, problem) == 0
    assert window_weights(9, 3, 8, problem) == 9 * 3 * 8
    assert reducing_weights(64, problem) + window_weights(25, 64, 128, problem) == 1_024 + 51_200


@settings(max_examples=40)
@given(small(rank=1))
def test_the_receptive_field_is_the_widest_that_gradients_show(problem):
    """On an input so large that outputs inside see no border."""
    layers = best(problem)
    if layers is None:
        return
    field = receptive_field(layers)
    net = build({"net": layers})
    for norm in [m for m in net.modules() if isinstance(m, nn.BatchNorm1d)]:
        nn.init.ones_(norm.bias)
    sizes = tuple(4 * size + 8 for size in field)
    if any(layer.stride[0] > layer.kernel[0] for layer in layers):
        return
    assert widest_view(net, problem.input[0], sizes) == field


@pytest.mark.parametrize(
    ("windows", "field"),
    [
        ([(7, 2), (3, 2)] + [(3, 1)] * 4 + [(3, 2)] + [(3, 1)] * 3 + [(3, 2)] + [(3, 1)] * 3 + [(3, 2)]
         + [(3, 1)] * 3, 435),
        ([(3, 1)] * 2, 5),
    ],
)  # fmt: skip
def test_the_recurrence_gives_the_published_field_of_resnet_18(windows, field):
    seen = 1
    for kernel, stride in reversed(windows):
        seen = field_before(seen, kernel, stride, up=False)
    assert seen == field


@pytest.mark.parametrize(("kernel", "stride"), [(4, 2), (2, 2), (3, 1), (6, 3), (3, 2)])
def test_outputs_of_a_transposed_window_come_from_as_many_inputs_as_counted(kernel, stride):
    x = torch.ones(1, 1, 20, dtype=torch.float64, requires_grad=True)
    w = torch.ones(1, 1, kernel, dtype=torch.float64)
    y = nn.functional.conv_transpose1d(x, w, None, stride)[0, 0]
    for field in (1, 2, 3):
        most = 0
        for start in range(9, 9 + stride):
            (seen,) = torch.autograd.grad(y[start : start + field].sum(), x, retain_graph=True)
            most = max(most, int((seen != 0).sum()))
        assert most == field_before(field, kernel, stride, up=True)
