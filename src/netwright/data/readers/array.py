"""NumPy's own files: `.npy`, which is mapped into memory, and `.npz`. Pickled objects are refused."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from netwright.data.readers.opened import Opened
from netwright.errors import UnreadableError

SUFFIXES = (".npy", ".npz")
BROKEN = (EOFError, KeyError, MemoryError, OSError, OverflowError, ValueError, zipfile.BadZipFile, zlib.error)


def opened(path: Path, key: str = "") -> Opened:
    """Return an array of a file; `key` names it in an `.npz` that holds several.

    Raises:
        UnreadableError: The file is damaged, holds objects, or has no such array.
    """
    try:
        if path.suffix.lower() == ".npy":
            return Opened(np.load(path, mmap_mode="c", allow_pickle=False))
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            if not key and len(file.files) != 1:
                raise UnreadableError(f"it holds the arrays {', '.join(file.files)}, and one is wanted")
            return Opened(file[key or file.files[0]])
    except BROKEN as error:
        raise UnreadableError(f"it is not a readable NumPy file: {_first_line(error)}") from error


def names(path: Path) -> tuple[str, ...]:
    """Return the names of the arrays of an `.npz` file.

    Raises:
        UnreadableError: The file is damaged.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            return tuple(file.files)
    except (*BROKEN, AttributeError) as error:
        raise UnreadableError(f"it is not a readable NumPy file: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__
