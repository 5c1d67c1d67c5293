"""The shortcuts give the shapes, types and strides that torch itself gives, or decline."""

import pytest
import torch
import torch.nn.functional as F

from netwright.trace.meta import SHORTCUTS

aten = torch.ops.aten
X = torch.rand(3, 4, 5, 6)
LAST = X.to(memory_format=torch.channels_last)
W, V = torch.rand(2, 4, 3, 3), torch.rand(4, 5, 3, 2)
NORM = (torch.ones(4), torch.zeros(4), torch.zeros(4), torch.ones(4))
CASES = [
    (aten.native_batch_norm.default, (X, *NORM, True, 0.1, 1e-5)),
    (aten.native_batch_norm.default, (LAST, *NORM, True, 0.1, 1e-5)),
    (aten.native_batch_norm.default, (X, *NORM, False, 0.1, 1e-5)),
    (aten.native_batch_norm.default, (X, None, None, None, None, True, 0.1, 1e-5)),
    (aten.native_layer_norm.default, (X, (5, 6), torch.ones(5, 6), None, 1e-5)),
    (aten.native_layer_norm.default, (X, (6,), None, None, 1e-5)),
    (aten.native_group_norm.default, (X, None, None, 3, 4, 30, 2, 1e-5)),
    (aten.convolution.default, (X, W, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)),
    (aten.convolution.default, (X, W, torch.zeros(2), [2, 1], [1, 2], [1, 2], False, [0, 0], 1)),
    (aten.convolution.default, (X, W[:, :2].contiguous(), None, [2], [1], [1], False, [0], 2)),
    (aten.convolution.default, (X, V, None, [2, 3], [1, 0], [1, 2], True, [1, 2], 1)),
    (aten.convolution.default, (X, V, None, [2, 2], [1, 1], [1, 1], True, [0, 1], 2)),
    (aten.convolution.default, (X[0], torch.rand(2, 5, 3), None, [1], [1], [1], False, [0], 1)),
    (aten.max_pool2d_with_indices.default, (X, [2, 3], [2, 1], [1, 1], [1, 1])),
    (aten.max_pool2d_with_indices.default, (X, [2])),
    (aten.max_pool2d_with_indices.default, (X, [2, 2], [], [0, 0], [2, 3])),
    (aten.mean.dim, (X, (2, 3))),
    (aten.mean.dim, (X, (-1, 1), True)),
    (aten.mean.dim, (X, [])),
    (aten.addmm.default, (torch.zeros(7), X[0, 0], torch.zeros(6, 7))),
    (aten.cat.default, ([X, X[:, :2].contiguous()], 1)),
    (aten.cat.default, ([X, X], -1)),
    (aten.add.Tensor, (X, X)),
    (aten.add.Tensor, (X, 2.0)),
    (aten.mul.Tensor, (X, torch.rand(4, 1, 1))),
    (aten.mul.Tensor, (torch.rand(5, 6), X)),
    (aten.sub.Tensor, (torch.rand(3, 1, 5, 1), torch.rand(1, 4, 1, 6))),
    (aten.pow.Tensor_Scalar, (X, 2)),
    (aten.gelu.default, (X,)),
    (aten.relu.default, (X,)),
    (aten._softmax.default, (X, -1, False)),
    (aten._log_softmax.default, (X, 1, False)),
    (aten.leaky_relu.default, (X, 0.1)),
    (aten.clamp.default, (X, 0, 1)),
]


def to_meta(value):
    if isinstance(value, list) and value and isinstance(value[0], torch.Tensor):
        return [item.to("meta") for item in value]
    return value.to("meta") if isinstance(value, torch.Tensor) else value


def described(result):
    return [(t.shape, t.dtype, t.stride()) for t in (result if isinstance(result, tuple) else (result,))]


@pytest.mark.parametrize(("func", "args"), CASES)
def test_a_shortcut_agrees_with_the_real_operation(func, args):
    short = SHORTCUTS[func](*map(to_meta, args))
    assert short is not NotImplemented
    assert described(short) == described(func(*args))


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten.add.Tensor, (X, torch.rand(7))),
        (aten.add.Tensor, (X, X.double())),
        (aten.add.Tensor, (LAST, LAST)),
        (aten.add.Tensor, (X.long(), 1.5)),
        (aten.add_.Tensor, (torch.rand(3), X)),
        (aten.addmm.default, (torch.zeros(7), torch.zeros(2, 5), torch.zeros(6, 7))),
        (aten.cat.default, ([X, torch.zeros(1, 1)], 0)),
        (aten.max_pool2d_with_indices.default, (X, [7, 7])),
        (aten.max_pool2d_with_indices.default, (X, [2, 2], [2, 2], [0, 0], [1, 1], True)),
        (aten.max_pool2d_with_indices.default, (X, [2, 2], [2, 2], [2, 2])),
        (aten.convolution.default, (X, W[:, :3], None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)),
        (aten.convolution.default, (X, W, None, [1, 1], [0, 0], [3, 3], False, [0, 0], 1)),
        (aten.convolution.default, (X.double(), W, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)),
        (aten.convolution.default, (LAST, W, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)),
        (aten.convolution.default, (X, V, None, [1, 1], [0, 0], [1, 1], True, [1, 1], 1)),
        (aten.cat.default, ([X, X], 4)),
        (aten.mean.dim, (X.long(), (0,))),
        (aten.mean.dim, (X, (4,))),
        (aten.native_batch_norm.default, (X, torch.ones(5), None, None, None, True, 0.1, 1e-5)),
        (aten.native_layer_norm.default, (X, (7,), None, None, 1e-5)),
        (aten.native_group_norm.default, (X, None, None, 3, 4, 30, 3, 1e-5)),
    ],
)
def test_a_shortcut_leaves_mistakes_and_doubtful_cases_to_torch(func, args):
    assert SHORTCUTS[func](*map(to_meta, args)) is NotImplemented


def test_tensors_with_data_are_never_shortened():
    assert SHORTCUTS[aten.relu.default](X) is NotImplemented
    assert SHORTCUTS[aten.add_.Tensor](X, X) is NotImplemented


def test_writing_in_place_gives_the_tensor_itself():
    x = X.to("meta")
    assert SHORTCUTS[aten.mul_.Tensor](x, 2.0) is x
    assert SHORTCUTS[aten.relu_.default](x) is x


def test_half_precision_statistics_have_the_shape_torch_keeps():
    half = X.to(torch.bfloat16)
    real = torch.native_layer_norm(half, (6,), None, None, 1e-5)[1]
    assert (
        SHORTCUTS[aten.native_layer_norm.default](half.to("meta"), (6,), None, None, 1e-5)[1].shape
        == real.shape
    )
    assert F.layer_norm(half, (6,)).dtype is torch.bfloat16
