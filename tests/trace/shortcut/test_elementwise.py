"""The results of elementwise functions have the layout that torch gives them."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from netwright.trace.shortcut import SHORTCUTS
from netwright.trace.shortcut.elementwise import NAMES

aten = torch.ops.aten
X = torch.rand(3, 4, 5, 6)
LAST = X.to(memory_format=torch.channels_last)
TURNED = torch.rand(5, 3, 6, 4).permute(1, 3, 0, 2)
MORE = {
    "add": (2.0,),
    "sub": (2.0,),
    "rsub": (2.0,),
    "mul": (2.0,),
    "div": (2.0,),
    "pow": (2,),
    "clamp": (0, 1),
    "clamp_min": (0,),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("x", [X, LAST, TURNED], ids=["contiguous", "channels-last", "permuted"])
def test_every_named_function_keeps_the_layout_of_a_dense_tensor(name, x, agrees):
    overload = {
        "add": "Tensor",
        "sub": "Tensor",
        "rsub": "Scalar",
        "mul": "Tensor",
        "div": "Tensor",
        "pow": "Tensor_Scalar",
    }
    agrees(getattr(getattr(aten, name), overload.get(name, "default")), (x, *MORE.get(name, ())))


@pytest.mark.parametrize(
    "operands",
    [
        (X, X),
        (X, torch.rand(4, 1, 1)),
        (torch.rand(5, 6), X),
        (torch.rand(3, 1, 5, 1), torch.rand(1, 4, 1, 6)),
        (X, torch.tensor(2.0)),
        (torch.tensor(2.0), X),
        (TURNED, X),
        (X, TURNED),
        (LAST, torch.rand(4, 1, 1)),
        (torch.rand(4, 1, 1), LAST),
        (TURNED, TURNED),
        (X[:, :2], X[:, :2]),
        (X[:, :1].expand(3, 4, 5, 6), X),
        (torch.rand(1, 6)[:, ::3], torch.rand(2)),
        (TURNED, LAST[:, ::2, :1].expand(3, 2, 5, 6)[:, :1]),
    ],
)
def test_two_operands_are_broadcast_and_the_first_with_an_order_of_axes_gives_it(operands, agrees):
    agrees(aten.mul.Tensor, operands)


@given(
    st.permutations(range(4)), st.permutations(range(4)), st.lists(st.integers(1, 3), min_size=4, max_size=4)
)
def test_permuted_operands_of_one_shape_give_the_strides_torch_gives(first, second, shape):
    def permuted(order):
        return torch.rand([shape[axis] for axis in order]).permute(*(order.index(axis) for axis in range(4)))

    a, b = permuted(first), permuted(second)
    short = SHORTCUTS[aten.add.Tensor](
        *(torch.empty_strided(t.shape, t.stride(), device="meta") for t in (a, b))
    )
    if short is not NotImplemented:
        real = torch.add(a, b)
        long = [axis for axis, size in enumerate(shape) if size > 1]
        assert [short.stride(axis) for axis in long] == [real.stride(axis) for axis in long]


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten.add.Tensor, (X, torch.rand(7))),
        (aten.add.Tensor, (X, X.double())),
        (aten.add.Tensor, (X.long(), 1.5)),
        (aten.mul.Tensor, (X, 2j)),
        (aten.add_.Tensor, (torch.rand(3), X)),
        (aten._softmax.default, (X, 4, False)),
        (aten._softmax.default, (TURNED, 1, False)),
        (aten._softmax.default, (X.bfloat16(), 1, True)),
        (aten._safe_softmax.default, (X, 1, torch.float64)),
        (aten.roll.default, (X, [1], [4])),
        (aten.roll.default, (X, [1, 2], [1])),
    ],
)
def test_mistakes_and_doubtful_cases_are_left_to_torch(func, args, declines):
    declines(func, args)


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten._softmax.default, (X, -1, False)),
        (aten._log_softmax.default, (X, 1, False)),
        (aten._safe_softmax.default, (X, -1)),
        (aten.roll.default, (X, [1], [2])),
        (aten.roll.default, (X, [1, -2], [2, 3])),
        (aten.roll.default, (X, [5])),
    ],
)
def test_softmax_and_roll_keep_the_shape(func, args, agrees):
    agrees(func, args)


def test_tensors_with_data_are_never_shortened():
    assert SHORTCUTS[aten.relu.default](X) is NotImplemented
    assert SHORTCUTS[aten.add_.Tensor](X, X) is NotImplemented


def test_writing_in_place_gives_the_tensor_itself():
    x = X.to("meta")
    assert SHORTCUTS[aten.mul_.Tensor](x, 2.0) is x
    assert SHORTCUTS[aten.relu_.default](x) is x
