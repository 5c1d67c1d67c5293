"""Arrays in one file, and arrays mapped where they are."""

from pathlib import Path

import numpy as np
import pytest
import torch

from netwright.data.flat import Writer, in_place, mapped, whole

KINDS = [np.uint8, np.uint16, np.int16, np.int32, np.float32, np.float64]


def write(path: Path, arrays: list[np.ndarray]) -> list[dict]:
    with path.open("wb") as file:
        writer = Writer(file)
        for array in arrays:
            writer.start(array.shape, array.dtype)
            for row in array:
                writer.write(row)
    return writer.entries


def test_arrays_of_any_shape_and_type_come_back(tmp_path: Path):
    arrays = [np.arange(k + 7, dtype=kind).reshape(1, -1) * 3 for k, kind in enumerate(KINDS)]
    entries = write(tmp_path / "a", arrays)
    for array, tensor in zip(arrays, mapped(tmp_path / "a", entries), strict=True):
        assert str(tensor.dtype) == f"torch.{array.dtype.name}"
        np.testing.assert_array_equal(tensor.numpy(), array)


def test_writing_to_a_map_leaves_the_file_alone(tmp_path: Path):
    entries = write(tmp_path / "a", [np.zeros((2, 3), np.uint8)])
    mapped(tmp_path / "a", entries)[0].fill_(9)
    assert mapped(tmp_path / "a", entries)[0].max() == 0


def test_a_file_that_lost_its_end_is_noticed(tmp_path: Path):
    entries = write(tmp_path / "a", [np.zeros((2, 3)), np.ones((5, 3))])
    assert whole(tmp_path / "a", entries)
    content = (tmp_path / "a").read_bytes()
    (tmp_path / "a").write_bytes(content[:-1])
    assert not whole(tmp_path / "a", entries)
    assert not whole(tmp_path / "b", entries)


@pytest.mark.parametrize("kind", KINDS)
def test_a_memory_map_and_its_parts_are_mapped_where_they_are(tmp_path: Path, kind: type):
    values = np.arange(4 * 5 * 6).reshape(4, 5, 6).astype(kind)
    np.save(tmp_path / "a.npy", values)
    there = np.load(tmp_path / "a.npy", mmap_mode="c")
    views = [
        there,
        there[1:3],
        there[2],
        np.moveaxis(there, 2, 0),
        there.transpose(2, 1, 0)[None],
        there[:, ::2],
    ]
    for view in views:
        tensor = in_place(view)
        assert tensor is not None
        np.testing.assert_array_equal(tensor.numpy(), view)
    with (tmp_path / "a.npy").open("r+b") as file:  # a copy would not see this
        file.seek(128)
        file.write(np.array(99, kind).tobytes())
    assert tensor[0, 0, 0] == 99


def test_the_map_of_a_fortran_array_keeps_its_order(tmp_path: Path):
    values = np.asfortranarray(np.arange(24.0).reshape(2, 3, 4))
    np.save(tmp_path / "a.npy", values)
    tensor = in_place(np.load(tmp_path / "a.npy", mmap_mode="c"))
    assert tensor is not None
    np.testing.assert_array_equal(tensor.numpy(), values)


def test_what_is_no_map_or_cannot_be_one_is_left_alone(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.arange(6).reshape(2, 3))
    there = np.load(tmp_path / "a.npy", mmap_mode="c")
    big = np.memmap(tmp_path / "a.npy", ">u2", "c", 128, (3, 4))
    odd = np.memmap(tmp_path / "a.npy", "<u4", "c", 129, (3,))
    for values in (np.zeros((2, 3)), there.astype(np.int16), there[:, ::-1], big, odd):
        assert in_place(values) is None


def test_many_maps_keep_no_file_open(tmp_path: Path):
    before = len(list(Path("/proc/self/fd").iterdir()))
    kept = []
    for k in range(20):
        np.save(tmp_path / f"{k}.npy", np.zeros((4, 4)))
        kept.append(in_place(np.load(tmp_path / f"{k}.npy", mmap_mode="c")))
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
    assert all(isinstance(tensor, torch.Tensor) for tensor in kept)
