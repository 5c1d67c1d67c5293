"""Files that are there whole or not at all, whenever the process or the machine stops.

Every function raises the `OSError` of the failing call; callers say what could not be kept.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` when the body ends: a reader sees old or new.

    The mode bits of the old file stay, and a link goes on pointing at it; nothing is left when the body
    raises.
    """
    path = path.resolve()
    draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield draft
        if path.exists():
            shutil.copymode(path, draft)
        sync(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Put `data` in the place of a file at once."""
    with replacing(path) as draft:
        draft.write_bytes(data)


def put(path: Path, data: bytes) -> None:
    """Write a file and wait until it is on the disk; a stop on the way leaves a part of it."""
    path.write_bytes(data)
    sync(path)


def sync(path: Path) -> None:
    """Wait until a file, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
