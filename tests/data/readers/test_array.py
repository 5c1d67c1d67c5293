"""NumPy's files: mapped, named, and never unpickled."""

from pathlib import Path

import numpy as np
import pytest

from netwright.data.read import read
from netwright.data.readers.array import names, opened
from netwright.data.stored import Page
from netwright.errors import UnreadableError


class Trap:
    """Unpickling one writes a file."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("kind", ["u1", "<u2", ">u2", "<i2", "<f4", ">f8", "?"])
def test_an_array_is_read_in_its_type(tmp_path: Path, kind: str):
    values = np.random.default_rng(0).integers(0, 100, (9, 6, 5)).astype(kind)
    np.save(tmp_path / "a.npy", values)
    picture = read(tmp_path / "a.npy")
    np.testing.assert_array_equal(picture.values[0], values)
    assert picture.values.dtype == (np.uint8 if kind == "?" else np.dtype(kind).newbyteorder("="))


def test_a_file_of_one_array_is_mapped_into_memory(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.zeros((9, 6, 5)))
    assert isinstance(opened(tmp_path / "a.npy").array, np.memmap)


def test_the_arrays_of_an_archive_have_names(tmp_path: Path):
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 6, 5)), y=np.ones((4, 6, 5)))
    assert names(tmp_path / "a.npz") == ("x", "y")
    assert read(Page(tmp_path / "a.npz", 2, "y")).values.min() == 1
    with pytest.raises(UnreadableError, match="it holds the arrays x, y, and one is wanted"):
        read(tmp_path / "a.npz")
    with pytest.raises(UnreadableError, match="z is not a file in the archive"):
        read(Page(tmp_path / "a.npz", 2, "z"))


def test_objects_are_refused_and_nothing_is_unpickled(tmp_path: Path):
    trap = np.array([Trap(tmp_path / "sprung")], dtype=object)
    np.save(tmp_path / "a.npy", trap)
    np.savez(tmp_path / "a.npz", x=trap)
    (tmp_path / "b.npy").write_bytes((tmp_path / "a.npy").read_bytes()[128:])  # a bare pickle
    for name in ("a.npy", "a.npz", "b.npy"):
        with pytest.raises(UnreadableError, match="not a readable NumPy file"):
            read(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("length", [0, 5, 60, 200])
def test_a_truncated_file_is_refused(tmp_path: Path, length: int):
    np.save(tmp_path / "a.npy", np.zeros((9, 6, 5)))
    np.savez(tmp_path / "a.npz", np.zeros((9, 6, 5)))
    for name in ("a.npy", "a.npz"):
        path = tmp_path / name
        path.write_bytes(path.read_bytes()[:length])
        with pytest.raises(UnreadableError, match="not a readable NumPy file"):
            read(path)
        with pytest.raises(UnreadableError, match="not a readable NumPy file"):
            names(path)
