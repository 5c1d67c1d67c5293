"""Elementwise results are laid out as TensorIterator lays them out, whatever views the operands are."""

import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from netwright.trace.shortcut.strides import elementwise_strides


@st.composite
def views(draw, shape):
    """Draw a tensor that broadcasts to a shape: permuted, with gaps, repeated, or with fewer axes."""
    order = draw(st.permutations(range(len(shape))))
    steps = draw(st.lists(st.integers(1, 2), min_size=len(shape), max_size=len(shape)))
    more = draw(st.lists(st.integers(0, 1), min_size=len(shape), max_size=len(shape)))
    base = torch.rand([shape[axis] * steps[axis] + more[axis] for axis in order])
    x = base.permute([order.index(axis) for axis in range(len(shape))])
    x = x[tuple(slice(0, size * step, step) for size, step in zip(shape, steps, strict=True))]
    single = draw(st.sampled_from([None, *range(len(shape))]))
    if single is not None:
        x = x.narrow(single, 0, 1)
        x = x.expand(shape) if draw(st.booleans()) else x
    return x[0] if len(shape) > 1 and draw(st.integers(0, 5)) == 0 else x


@st.composite
def operands(draw):
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    return [draw(views(shape)) for _ in range(draw(st.integers(1, 3)))]


@given(operands())
def test_the_strides_are_those_of_torch(tensors):
    made = tensors[0].neg() if len(tensors) == 1 else torch.add(*tensors[:2])
    if len(tensors) == 3:
        made = torch.addcmul(*tensors)
    assume(made.numel())
    strides = elementwise_strides(made.shape, tensors)
    long = [axis for axis, size in enumerate(made.shape) if size > 1]
    assert [strides[axis] for axis in long] == [made.stride(axis) for axis in long]


def test_the_first_operand_decides_before_the_second():
    x = torch.rand(2, 3).T
    y = torch.rand(3, 2)
    assert elementwise_strides(x.shape, [x, y]) == [1, 3]
    assert elementwise_strides(x.shape, [y, x]) == [2, 1]


def test_an_axis_that_is_repeated_leaves_the_decision_to_the_next_operand():
    x = torch.rand(3, 1).expand(3, 2)
    assert elementwise_strides(x.shape, [x, torch.rand(2, 3).T]) == [1, 3]
