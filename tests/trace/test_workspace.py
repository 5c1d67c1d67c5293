"""What a convolution allocates beside its result is never more than the bound says."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies  # noqa: F401  # loads the profile
from allocated import most
from netwright.trace.workspace import workspace

FORWARD, BACKWARD = torch.ops.aten.convolution.default, torch.ops.aten.convolution_backward.default


def operands(batch, channels, out, sizes, kernel, groups=1, transposed=False):
    x = torch.randn(batch, channels * groups, *sizes)
    shape = (channels * groups, out) if transposed else (out * groups, channels)
    return x, torch.randn(*shape, *(kernel,) * len(sizes))


def settings_of(rank, stride, padding, dilation=1, transposed=False, groups=1):
    return ([stride] * rank, [padding] * rank, [dilation] * rank, transposed, [0] * rank, groups)


def agree(x, weight, options):
    """Compare both passes with the allocator."""
    call = (x, weight, None, *options)
    out = FORWARD(*call)
    assert most(lambda: FORWARD(*call)) - out.nbytes <= workspace(FORWARD, call, out)
    call = (torch.ones_like(out), x, weight, None, *options, [True, True, False])
    made = BACKWARD(*call)
    results = sum(tensor.nbytes for tensor in made if tensor is not None)
    assert most(lambda: BACKWARD(*call)) - results <= workspace(BACKWARD, call, made)


@pytest.mark.parametrize("batch", [1, 2, 8])
@pytest.mark.parametrize(
    ("channels", "out", "sizes", "kernel", "stride"),
    [
        (16, 32, (32, 32), 3, 1),
        (16, 32, (32, 32), 3, 2),
        (3, 16, (64, 64), 3, 1),
        (64, 64, (16, 16), 1, 1),
        (8, 16, (8, 16, 16), 3, 1),
        (1, 8, (8, 24, 24), 3, 1),
        (16, 32, (512,), 9, 1),
    ],
)
def test_the_bound_holds_for_usual_layers(batch, channels, out, sizes, kernel, stride):
    x, weight = operands(batch, channels, out, sizes, kernel)
    agree(x, weight, settings_of(len(sizes), stride, kernel // 2))


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("sizes", [(24, 24), (8, 12, 12)])
def test_the_bound_holds_for_transposed_convolutions(batch, sizes):
    x, weight = operands(batch, 32, 16, sizes, 2, transposed=True)
    agree(x, weight, settings_of(len(sizes), 2, 0, transposed=True))


@settings(max_examples=25)
@given(
    st.tuples(st.integers(1, 4), st.integers(1, 20), st.integers(1, 20)), st.integers(6, 30),
    st.sampled_from([1, 3, 5]), st.integers(1, 2), st.integers(1, 2), st.sampled_from([1, 4]),
)  # fmt: skip
def test_the_bound_holds_for_any_layer_on_images(amounts, size, kernel, stride, dilation, groups):
    x, weight = operands(*amounts, (size, size), kernel, groups)
    options = settings_of(2, stride, dilation * (kernel // 2), dilation, groups=groups)
    agree(x, weight, options)


def test_the_bound_is_close_where_copies_are_large():
    x, weight = operands(8, 16, 32, (64, 64), 3)
    call = (x, weight, None, *settings_of(2, 1, 1))
    out = FORWARD(*call)
    extra = most(lambda: FORWARD(*call)) - out.nbytes
    assert workspace(FORWARD, call, out) < 1.1 * extra


def test_other_operations_have_no_workspace():
    x = torch.ones(3)
    assert workspace(torch.ops.aten.relu.default, (x,), F.relu(x)) == 0
