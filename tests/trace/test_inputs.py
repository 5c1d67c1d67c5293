"""Shapes become tensors with a batch, and tensors keep their own."""

import pytest
import torch
from torch import nn

from netwright.errors import ShapeError
from netwright.trace.inputs import Input, is_shape, make_inputs, parse_inputs, single_shape, tensors


def meta(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to("meta")


def test_a_shape_gets_the_batch_and_the_dtype_of_the_network():
    given = make_inputs(nn.Linear(2, 2, dtype=torch.float64), (3, 4), 5, meta)
    assert [(t.shape, t.dtype, t.is_meta) for t in given.args] == [((5, 3, 4), torch.float64, True)]
    assert given.batch == 5


def test_several_shapes_are_several_arguments():
    given = make_inputs(nn.Identity(), [(3, 4), Input((7,), torch.int64)], 2, meta)
    assert [(tuple(t.shape), t.dtype) for t in given.args] == [
        ((2, 3, 4), torch.float32),
        ((2, 7), torch.int64),
    ]


def test_a_dict_gives_arguments_by_name():
    given = make_inputs(nn.Identity(), {"x": (3,), "flag": True}, 1, meta)
    assert given.args == ()
    assert given.kwargs["x"].shape == (1, 3)
    assert given.kwargs["flag"] is True


def test_tensors_bring_their_batch_and_stay_the_callers():
    x = torch.ones(6, 3)
    given = make_inputs(nn.Identity(), x, 1, meta)
    assert given.batch == 6
    assert given.args[0].is_meta
    assert not x.is_meta


@pytest.mark.parametrize("batch", [0, -1, 1.5])
def test_a_batch_that_is_not_a_positive_number_is_refused(batch):
    with pytest.raises(ShapeError, match="positive number of examples"):
        make_inputs(nn.Identity(), (3,), batch, meta)


def test_tensors_are_found_in_any_nesting():
    class Output:
        def __init__(self, value):
            self.logits = value

    a, b, c = torch.zeros(1), torch.zeros(2), torch.zeros(3)
    assert [t.numel() for t in tensors({"x": [a, (b, None)], "y": Output(c)})] == [1, 2, 3]


def test_only_positive_whole_numbers_are_a_shape():
    assert is_shape(torch.Size([1, 2]))
    assert not any(map(is_shape, [(), (0, 1), (1.0, 2), (True,), "3", 3, [(3,)]]))


def test_texts_are_inputs_in_order_or_by_name():
    assert parse_inputs(["3x4", "7:int64"]) == (Input((3, 4)), Input((7,), torch.int64))
    assert parse_inputs(["b=3x4", "a = 7"]) == {"b": Input((3, 4)), "a": Input((7,))}


@pytest.mark.parametrize("texts", [["3x4", "a=7"], ["a=7", "3x4"]])
def test_names_for_some_inputs_only_are_refused(texts):
    with pytest.raises(ShapeError, match="`3x4` has no name, but other inputs have one: write NAME=3x4"):
        parse_inputs(texts)


def test_only_a_single_input_of_the_networks_dtype_has_a_shape_to_vary():
    assert single_shape([(3, 4)]) == single_shape((3, 4)) == single_shape(torch.Size([3, 4])) == (3, 4)
    for other in ([(3, 4), (3, 4)], {"x": (3, 4)}, torch.zeros(2, 3), Input((3,), torch.int64), None):
        assert single_shape(other) == ()
