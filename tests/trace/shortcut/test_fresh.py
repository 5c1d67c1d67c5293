"""New meta tensors have the layout `empty_like` gives."""

import pytest
import torch

from netwright.trace.shortcut.fresh import dense, empty, like, same, statistics

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
