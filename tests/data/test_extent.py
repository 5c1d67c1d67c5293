"""Memory maps that know their file."""

import gc

import numpy as np
import pytest
import torch

from netwright.data.extent import _FILES, Extent, extent, map_file, opened
from netwright.errors import DataError

VALUES = np.arange(2 * 3 * 4 * 5, dtype=np.int16).reshape(2, 3, 4, 5)
HEADER = 128  # bytes before the values of a .npy file


@pytest.fixture
def file(tmp_path):
    np.save(tmp_path / "volume.npy", VALUES)
    return tmp_path / "volume.npy"


def mapped(file) -> torch.Tensor:
    return map_file(file)[HEADER:].view(torch.int16).view(VALUES.shape)


PARTS = {
    "whole": lambda a: a,
    "one": lambda a: a[1],
    "channel": lambda a: a[1][None],
    "slices": lambda a: a[:, 1:, ::2, 1:4],
    "turned": lambda a: a.swapaxes(0, 3),
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_a_view_of_a_map_is_found_again_in_its_file(file, part):
    known = part(mapped(file))
    place = extent(known)
    assert place.path == str(file)
    (again,) = opened([place])
    assert np.array_equal(again.numpy(), part(VALUES))
    assert extent(again) == place


@pytest.mark.parametrize("dtype", [torch.uint8, torch.uint16, torch.float32, torch.float64])
def test_values_of_any_type_are_found_in_a_file_of_any_length(tmp_path, dtype):
    values = torch.arange(10).to(dtype)
    (tmp_path / "raw").write_bytes(bytes(64) + values.numpy().tobytes() + b"end")
    whole = map_file(tmp_path / "raw")[64 : 64 + values.nbytes].view(dtype)
    (again,) = opened([extent(whole[3:])])
    assert again.dtype == dtype
    assert again.tolist() == values[3:].tolist()


def test_places_in_one_file_share_its_map(file):
    whole = mapped(file)
    one, other = opened([extent(whole[0]), extent(whole[1])])
    assert one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()


def test_writing_to_a_tensor_leaves_the_file_alone(file):
    (tensor,) = opened([extent(mapped(file))])
    tensor.zero_()
    assert np.array_equal(np.load(file), VALUES)


def test_a_tensor_in_memory_has_no_place_in_a_file(file):
    assert extent(torch.zeros(3)) is None
    assert extent(mapped(file).clone()) is None


def test_a_file_is_forgotten_with_its_last_tensor(file):
    part = mapped(file)[0]
    gc.collect()
    map_file(file)
    gc.collect()
    map_file(file)
    assert sum(not storage.expired() for storage in _FILES) == 1
    assert extent(part) is not None


def test_a_file_that_is_gone_or_became_shorter_is_refused(file):
    place = extent(mapped(file))
    file.write_bytes(file.read_bytes()[:150])
    with pytest.raises(DataError, match="is not the file that was mapped before"):
        opened([place])
    file.unlink()
    with pytest.raises(DataError, match=r"volume\.npy"):
        opened([place])
    with pytest.raises(DataError):
        opened([Extent(str(file), "int16", (1,), (1,), 0)])
