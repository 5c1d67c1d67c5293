"""Memory maps that know their file."""

import gc

import numpy as np
import pytest
import torch

from netwright.data.mapped import _EXTENTS, Extent, as_tensor, extent, opened
from netwright.errors import DataError

VALUES = np.arange(2 * 3 * 4 * 5, dtype=np.uint16).reshape(2, 3, 4, 5)


@pytest.fixture
def file(tmp_path):
    np.save(tmp_path / "volume.npy", VALUES)
    return tmp_path / "volume.npy"


PARTS = {
    "whole": lambda a: a,
    "one": lambda a: a[1],
    "channel": lambda a: a[1][None],
    "slices": lambda a: a[:, 1:, ::2, 1:4],
    "turned": lambda a: a.transpose(3, 1, 0, 2),
    "plain": lambda a: np.asarray(a)[0],
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_a_part_of_a_map_is_found_again_in_its_file(file, part):
    known = as_tensor(part(np.load(file, mmap_mode="c")))
    place = extent(known)
    assert place.path == str(file)
    again = opened(place)
    assert torch.equal(again.int(), torch.from_numpy(part(VALUES).astype(np.int32)))
    assert torch.equal(again.int(), known.int())
    assert extent(again) == place


@pytest.mark.parametrize(("dtype", "order", "offset"), [("<i2", "C", 44), (">f4", "F", 352), ("u1", "C", 0)])
def test_maps_of_other_types_orders_and_offsets_are_found_too(tmp_path, dtype, order, offset):
    file = tmp_path / "raw"
    values = np.asarray(VALUES[0], dtype, order=order)
    file.write_bytes(b"h" * offset + values.tobytes(order))
    array = np.memmap(file, dtype, "c", offset, values.shape, order)
    if not array.dtype.isnative:  # torch reads native byte order alone
        assert extent(torch.zeros(1)) is None
        return
    assert np.array_equal(opened(extent(as_tensor(array[1]))).numpy(), values[1])


def test_writing_to_a_tensor_leaves_the_file_alone(file):
    tensor = opened(extent(as_tensor(np.load(file, mmap_mode="c"))))
    tensor.view(torch.int16).zero_()
    assert np.array_equal(np.load(file), VALUES)


def test_a_tensor_in_memory_has_no_place_in_a_file():
    assert extent(as_tensor(VALUES.copy())) is None
    assert extent(torch.zeros(3)) is None


def test_a_place_is_forgotten_with_its_tensor(file):
    gc.collect()
    before = len(_EXTENTS)
    tensor = as_tensor(np.load(file, mmap_mode="c"))
    assert len(_EXTENTS) == before + 1
    del tensor
    gc.collect()
    assert len(_EXTENTS) == before


def test_a_file_that_is_gone_or_became_shorter_is_refused(file):
    place = extent(as_tensor(np.load(file, mmap_mode="c")))
    file.write_bytes(file.read_bytes()[:150])
    with pytest.raises(DataError, match="is not the file that was mapped before"):
        opened(place)
    file.unlink()
    with pytest.raises(DataError, match=r"volume\.npy"):
        opened(place)
    with pytest.raises(DataError):
        opened(Extent(str(file), 0, "no type", (1,), (1,)))
