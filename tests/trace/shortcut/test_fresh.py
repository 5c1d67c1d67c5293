"""New meta tensors have the layout `empty_like` gives."""

import pytest
import torch

from netwright.trace.shortcut import SHORTCUTS
from netwright.trace.shortcut.fresh import copied, dense, empty, like, new, numbers, same, statistics

META = torch.device("meta")
X = torch.rand(3, 4, 5, 6)
VIEWS = {
    "contiguous": X,
    "channels last": X.to(memory_format=torch.channels_last),
    "permuted": X.permute(3, 0, 2, 1),
    "sliced": X[:, 1:3],
    "every other": X[:, :, ::2],
    "expanded": X[:, :1].expand(3, 4, 5, 6),
    "one long": torch.rand(1, 7, 1).expand(1, 7, 1),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_tensor_like_another_has_the_strides_torch_gives_it(name):
    x = VIEWS[name]
    made = like(torch.empty_strided(x.shape, x.stride(), device="meta"))
    expected = torch.empty_like(x)
    long = [axis for axis, size in enumerate(x.shape) if size > 1]
    assert made.shape == expected.shape
    assert [made.stride(axis) for axis in long] == [expected.stride(axis) for axis in long]


@pytest.mark.parametrize(("name", "filled"), [
    ("contiguous", True), ("channels last", True), ("permuted", True), ("one long", True),
    ("sliced", False), ("every other", False), ("expanded", False),
])  # fmt: skip
def test_a_tensor_is_dense_where_it_fills_its_memory(name, filled):
    assert dense(VIEWS[name]) is filled


def test_new_tensors_hold_no_data():
    assert empty((2, 3), torch.float64).is_meta
    assert empty((2, 3), torch.float64).dtype is torch.float64


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_statistics_of_16_bit_numbers_have_32_bits(dtype):
    kept = statistics(torch.empty(2, dtype=dtype), (2,)).dtype
    assert kept is (torch.float32 if dtype.itemsize == 2 else dtype)


@pytest.mark.parametrize("name", ["contiguous", "permuted", "sliced"])
def test_dropout_masks_are_made_like_their_tensor(name, agrees):
    agrees(torch.ops.aten.zeros_like.default, (VIEWS[name],))
    agrees(torch.ops.aten.ones_like.default, (VIEWS[name],))


def test_a_tensor_of_another_dtype_is_left_to_torch():
    x = torch.empty(2, device="meta")
    assert same(x, dtype=torch.int64) is NotImplemented
    assert same(x, memory_format=torch.contiguous_format) is NotImplemented
    assert same(x, memory_format=torch.preserve_format).dtype is torch.float32
    assert same(torch.empty(2)) is NotImplemented


def test_a_tensor_that_is_asked_for_on_meta_is_one_like_any_other():
    """The recording adds the device to every function that makes a tensor."""
    x = torch.empty(2, 3, device="meta")
    assert same(x, device=torch.device("meta"), pin_memory=False).shape == (2, 3)
    assert same(x, device=torch.device("cpu")) is NotImplemented


BOUNDS = [(5,), (0,), (2, 9), (2, 9, 2), (2, 9, 3), (9, 2, -2), (9, 2, -7), (3, 3, 1), (0, 10, 3), (-4, -1)]


@pytest.mark.parametrize("bounds", BOUNDS)
def test_a_range_of_whole_numbers_is_as_long_as_torch_makes_it(bounds):
    overloads = torch.ops.aten.arange
    func = (overloads.default, overloads.start, overloads.start_step)[len(bounds) - 1]
    made, expected = SHORTCUTS[func](*bounds, device=META), func(*bounds)
    assert (made.shape, made.dtype, made.is_meta) == (expected.shape, expected.dtype, True)
    assert numbers(*bounds, device=META, dtype=torch.float32).dtype is torch.float32


@pytest.mark.parametrize("bounds", [(5.0,), (0, 1, 0.25), (5, 2), (2, 5, -1), (0, 5, 0), (True,)])
def test_other_ranges_and_mistakes_are_left_to_torch(bounds):
    assert numbers(*bounds, device=META) is NotImplemented


def test_a_range_with_data_is_left_to_torch():
    assert numbers(3) is NotImplemented
    assert numbers(3, device=torch.device("cpu")) is NotImplemented


def test_an_empty_tensor_is_made_on_meta_only():
    assert new([2, 3], dtype=torch.uint8, device=META, layout=torch.strided).dtype is torch.uint8
    assert new([2, 3], dtype=torch.uint8) is NotImplemented
    assert (
        new([2, 3], dtype=torch.uint8, device=META, memory_format=torch.contiguous_format) is NotImplemented
    )


@pytest.mark.parametrize("name", ["contiguous", "channels last", "permuted"])
def test_a_copy_has_the_layout_torch_gives_it(name, agrees):
    x = VIEWS[name]
    agrees(torch.ops.aten.clone.default, (x,))
    made = copied(x.to(META), memory_format=torch.contiguous_format)
    assert made.stride() == x.clone(memory_format=torch.contiguous_format).stride()


@pytest.mark.parametrize("x", [X, X.to(META)[:, :2]], ids=["data", "gaps"])
def test_other_copies_are_left_to_torch(x):
    assert copied(x) is NotImplemented
