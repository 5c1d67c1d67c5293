"""Kinds of targets, stacks of examples, and class indices of stored values."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from netwright.data.kinds import IGNORE, Kind, class_indices, stacked


def test_the_kinds_that_have_a_place_in_the_image_move_with_it():
    assert {kind for kind in Kind if not kind.spatial} == {Kind.CLASS, Kind.VALUE}
    assert {kind for kind in Kind if kind.dense} == {Kind.MASK, Kind.INSTANCES, Kind.IMAGE}
    assert all(kind.spatial for kind in Kind if kind.dense)


def test_a_sequence_is_stacked_and_a_tensor_is_taken_as_it_is():
    whole = torch.arange(6).view(2, 3)
    assert stacked(whole) is whole
    assert torch.equal(stacked([whole[0], whole[1]]), whole)


@given(
    st.lists(st.integers(0, 2**24), min_size=1, max_size=9, unique=True),
    st.lists(st.integers(0, 2**24), max_size=30),
    st.randoms(use_true_random=False),
)
def test_class_indices_are_the_places_in_the_list_of_values(values, others, random):
    """A loop in plain Python is the measure."""
    pixels = [*others, *values]
    random.shuffle(pixels)
    wanted = [values.index(pixel) if pixel in values else IGNORE for pixel in pixels]
    assert class_indices(torch.tensor(pixels), values).tolist() == wanted


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.int32, np.int64])
def test_maps_of_every_integer_type_are_read(dtype):
    mask = torch.from_numpy(np.array([[0, 3], [255 % 128, 0]], dtype=dtype))
    assert class_indices(mask, (0, 3), ignore=(127,)).tolist() == [[0, 1], [IGNORE, 0]]


def test_without_values_the_stored_ones_are_the_indices():
    assert class_indices(torch.tensor([0, 2, 255]), (), ignore=(255,)).tolist() == [0, 2, IGNORE]


def test_a_value_to_ignore_is_ignored_even_if_it_is_a_class():
    assert class_indices(torch.tensor([0, 1, 2]), (0, 1, 2), ignore=(1,)).tolist() == [0, IGNORE, 2]


@pytest.mark.parametrize(
    ("values", "ignore"), [((), ()), ((0, 255), ()), ((7, 3, 200), (9, 3)), ((), (255,))]
)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int16, torch.int64])
def test_class_indices_are_those_of_a_dictionary_in_every_type(values, ignore, dtype):
    stored = torch.arange(256).to(dtype).reshape(16, 16)
    table = {value: index for index, value in enumerate(values)}
    expected = [
        IGNORE if v in ignore else table.get(v, IGNORE) if values else v for v in stored.flatten().tolist()
    ]
    indices = class_indices(stored, values, ignore)
    assert indices.dtype == torch.int64
    assert indices.shape == (16, 16)
    assert indices.flatten().tolist() == expected
